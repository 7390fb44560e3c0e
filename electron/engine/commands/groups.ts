import { GroupId, slugify } from '../../contract/index.ts';
import { type Handlers, type ModelDraft } from './context.ts';
import { findChannel, findGroup, freeSlug } from './resolve.ts';

const membersOf = (model: ModelDraft, references: readonly string[]) => [
  ...new Set(references.map((reference) => findChannel(model, reference, 'members').id)),
];

export const groups: Handlers<'group.add' | 'group.update' | 'group.remove'> = {
  'group.add'(model, { name, members }) {
    const slug = freeSlug(slugify(name, 'group'), (candidate) =>
      model.groups.some(({ id }) => id === `group:${candidate}`),
    );
    const id = GroupId.parse(`group:${slug}`);
    model.groups.push({ id, label: name, gain: 0, muted: false, members: membersOf(model, members) });
    return { id };
  },

  'group.update'(model, { id, members }) {
    findGroup(model, id).members = membersOf(model, members);
    return undefined;
  },

  'group.remove'(model, { id }) {
    const group = findGroup(model, id);
    model.groups = model.groups.filter((candidate) => candidate !== group);
    return undefined;
  },
};
