import { castDraft } from 'immer';
import { type AudioStatus } from '../audio/plane.ts';
import {
  type Command,
  type CommandResult,
  type GadgetId,
  type GadgetManagement,
  maxFrameBytesOf,
  type Problem,
} from '../contract/index.ts';
import {
  type BoxFacts,
  type GadgetLinks,
  type GadgetsDesired,
  type GadgetsPlane,
  type GadgetsStatus,
} from '../gadgets/plane.ts';
import { type VideoStatus } from '../video/plane.ts';
import { type GADGET_COMMANDS } from './commands/context.ts';
import { findGadget } from './commands/resolve.ts';
import { type Model } from './store/model.ts';

export type GadgetCommand = Extract<Command, { type: (typeof GADGET_COMMANDS)[number] }>;

/** What the gadgets' plane shall look after for this model. Pure. */
export function gadgetsDesired(model: Model): GadgetsDesired {
  const secrets = new Map(model.secrets.map(({ id, secret }) => [id, secret]));
  return {
    gadgets: model.gadgets.map(({ id, label, host, port, user }) => ({
      id,
      label,
      host,
      port,
      user,
      token: secrets.get(id) ?? '',
      maxFrameBytes: maxFrameBytesOf(model.destinations, id),
    })),
  };
}

/** Carry out a command that is about a Pi itself. It has begun, not ended, when this resolves. */
export async function runGadgetCommand(
  command: GadgetCommand,
  model: Model,
  gadgets: GadgetsPlane,
): Promise<CommandResult> {
  const { id } = findGadget(castDraft(model), command.id);
  switch (command.type) {
    case 'gadget.provision':
    case 'gadget.update-software':
    case 'gadget.rollback':
    case 'gadget.uninstall':
    case 'gadget.reboot':
    case 'gadget.identify': {
      const { password, key } = command;
      return { id, run: gadgets.act(id, actionOf(command.type), { password, key }) };
    }
    case 'gadget.check':
      return { id, run: gadgets.act(id, 'check') };
    case 'gadget.trust':
      await gadgets.trust(id, command.fingerprint);
      return { id };
  }
}

type ActionCommand = Exclude<GadgetCommand['type'], 'gadget.trust' | 'gadget.check'>;
const actionOf = (type: ActionCommand) =>
  type.slice('gadget.'.length) as ActionCommand extends `gadget.${infer A}` ? A : never;

/** What needs a person about the gadgets. Pure. */
export function gadgetProblems(model: Model, { gadgets }: GadgetsStatus): Problem[] {
  return model.gadgets.flatMap(({ id, label }): Problem[] => {
    const management = gadgets[id];
    if (!management) return [];
    const main = conditionProblem(management);
    return [
      ...(main ? [{ id: `gadget:${id}`, subject: id, ...main, message: `${label}: ${main.message}` }] : []),
      ...(management.health?.warnings ?? []).map((message, index): Problem => ({
        id: `gadget:${id}:health:${index}`,
        severity: 'warning',
        subject: id,
        message: `${label}: ${message}`,
      })),
    ];
  });
}

function conditionProblem({
  state,
  reason = '',
  hint,
}: GadgetManagement): Pick<Problem, 'severity' | 'message' | 'hint'> | undefined {
  const told = { message: reason, ...(hint === undefined ? {} : { hint }) };
  switch (state) {
    case 'untrusted':
    case 'failed':
      return { severity: 'error', ...told };
    case 'unreachable':
      return { severity: 'warning', ...told };
    case 'new':
    case 'unknown':
    case 'working':
    case 'ready':
      return undefined;
  }
}

const LOOPBACK = /^(127\.|localhost$|\[?::1\]?$)/;
const endOf = (address: string): { readonly port: number; readonly loopback: boolean } => {
  const match = /(?:\/\/|^tcp:)(.*):(\d+)$/.exec(address);
  return { port: Number(match?.[2] ?? 0), loopback: LOOPBACK.test(match?.[1] ?? '') };
};

/** What gadgets have to know of this box. */
export function boxFacts(
  rtmpUrl: string,
  access: { readonly address: string; readonly cookie: Uint8Array } | null,
): BoxFacts {
  return { rtmp: endOf(rtmpUrl), sound: access && { ...endOf(access.address), cookie: access.cookie } };
}

/** What pictures and sound say of a gadget. */
export function linksOf(id: GadgetId, video: VideoStatus, audio: AudioStatus): GadgetLinks {
  const link = video.gadgets[id];
  return {
    video: link?.connected ?? false,
    audio: audio.gadgets[id]?.connected ?? false,
    ...(link?.format ? { format: link.format } : {}),
    ...(link?.stats ? { stats: link.stats } : {}),
  };
}
