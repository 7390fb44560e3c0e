import { memo, useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import { type Gadget } from '../../electron/contract/index.ts';
import { Confirm } from '../controls/confirm.tsx';
import { MuteButton } from '../controls/mute-button.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { SourcePicker } from '../desk/source-picker.tsx';
import { Meter } from '../meters/meter.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp, useConfig, useDocument, useUi } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { findDestination, findSource, routesInto } from '../state/selectors.ts';
import { S } from '../strings.ts';
import { statsInWords } from '../text/gadgets.ts';
import { Management } from './management.tsx';
import { GadgetForm, GadgetTokenDialog, type GadgetToken } from './gadget-dialogs.tsx';

const T = S.gadgetsView;

/** One gadget: what its computer sees and hears, whether it uses it, and how the link stands. Takes drops. */
export const GadgetCard = memo(function GadgetCard({ gadget }: { readonly gadget: Gadget }): ReactNode {
  const { id, label } = gadget;
  const pointed = useUi(({ drag }) =>
    drag?.target?.place === 'gadget' && drag.target.id === id
      ? drag.target.obstacle === null
        ? ' accepts'
        : ' refuses'
      : '',
  );
  return (
    <article
      className={`card gadget-card${pointed}`}
      data-testid={`gadget:${id}`}
      data-drop="gadget"
      data-drop-id={id}
    >
      <div className="card-title gadget-title">
        <span title={label}>{label}</span>
        <LinkBadges id={id} />
      </div>
      <Sees id={id} label={label} />
      <div className="card-body">
        <Hears id={id} />
        <Says id={id} />
        <Links gadget={gadget} />
        <RefusalNotice place={channelPlace(id)} />
        <Management gadget={gadget} />
        <Actions gadget={gadget} />
      </div>
    </article>
  );
});

/** Does the Pi play its stream; do its sounds reach the mixer? Filled or hollow, not colour alone. */
function LinkBadges({ id }: { readonly id: string }): ReactNode {
  const video = useDocument(({ status }) => status.gadgets[id]?.video === 'connected');
  const audio = useDocument(({ status }) => status.gadgets[id]?.audio === 'connected');
  return (
    <span className="push gadget-links">
      <LinkBadge up={video} name={T.picture} />
      <LinkBadge up={audio} name={T.sound} />
    </span>
  );
}

function LinkBadge({ up, name }: { readonly up: boolean; readonly name: string }): ReactNode {
  const state = up ? T.connected : T.offline;
  return (
    <span className={`badge ${up ? 'live' : ''}`} title={`${name}: ${state}`}>
      {up ? '●' : '○'} {name}
      <span className="sr-only"> {state}</span>
    </span>
  );
}

function Tally({ id }: { readonly id: string }): ReactNode {
  const used = useDocument(({ status }) => status.tally[id] === true);
  return used ? <span className="badge on-air">{S.channel.onAir}</span> : null;
}

function Sees({ id, label }: { readonly id: string; readonly label: string }): ReactNode {
  const webcam = `${id}.webcam`;
  const destination = useConfig((config) => findDestination(config, webcam));
  const source = useConfig(
    (config) => findSource(config, routesInto(config, webcam)[0]?.source ?? '')?.label,
  );
  const [picker, setPicker] = useState<Element | null>(null);
  if (!destination) return null;
  return (
    <>
      <button
        type="button"
        className="tile-picture"
        aria-haspopup="dialog"
        aria-label={S.channel.send(label)}
        onClick={(event) => setPicker(event.currentTarget)}
      >
        <LivePicture id={webcam} name={label} />
      </button>
      <div className="gadget-line">
        <span className="gadget-what">{T.webcam}</span>
        <span className="gadget-value">{source ?? S.channel.nothingRouted}</span>
        <Tally id={webcam} />
        <MuteButton channel={destination} />
      </div>
      <SourcePicker destination={destination} anchor={picker} onClose={() => setPicker(null)} />
    </>
  );
}

function Hears({ id }: { readonly id: string }): ReactNode {
  const mic = `${id}.mic`;
  const destination = useConfig((config) => findDestination(config, mic));
  const heard = useConfig((config) =>
    routesInto(config, mic)
      .map((route) => `${findSource(config, route.source)?.label ?? route.source} ${S.unit.db(route.gain)}`)
      .join(' + '),
  );
  if (!destination) return null;
  return (
    <div className="gadget-line inside">
      <span className="gadget-what">{T.mic}</span>
      <span className="gadget-value">
        <span title={heard}>{heard === '' ? S.channel.nothingRouted : heard}</span>
        <Meter id={mic} name={destination.label} orientation="horizontal" />
      </span>
      <Tally id={mic} />
      <MuteButton channel={destination} />
    </div>
  );
}

function Says({ id }: { readonly id: string }): ReactNode {
  const back = `${id}.return`;
  const source = useConfig((config) => findSource(config, back));
  if (!source) return null;
  return (
    <div className="gadget-line inside">
      <span className="gadget-what">{T.return}</span>
      <span className="gadget-value">
        <Meter id={back} name={source.label} orientation="horizontal" />
      </span>
      <Tally id={back} />
      <MuteButton channel={source} />
    </div>
  );
}

function Links({ gadget }: { readonly gadget: Gadget }): ReactNode {
  const status = useDocument((state) => state.status.gadgets[gadget.id]);
  const format = status?.format;
  const stats = statsInWords(status?.stats ?? {});
  return (
    <dl className="facts">
      <dt>{T.format}</dt>
      <dd>{format ? S.unit.format(format.width, format.height, format.fps) : T.noFormat}</dd>
      {status?.remoteAddress === undefined ? null : (
        <>
          <dt>{T.from}</dt>
          <dd>{status.remoteAddress}</dd>
        </>
      )}
      <dt>{T.managed}</dt>
      <dd>{gadget.host === null ? T.unmanaged : `${gadget.user}@${gadget.host}:${gadget.port}`}</dd>
      {stats.length === 0 ? null : (
        <>
          <dt>{T.stats}</dt>
          <dd>{stats.join(' · ')}</dd>
        </>
      )}
    </dl>
  );
}

function Actions({ gadget }: { readonly gadget: Gadget }): ReactNode {
  const { commander } = useApp();
  const place = channelPlace(gadget.id);
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const [token, setToken] = useState<GadgetToken | null>(null);
  const locked = useConfig(
    useShallow((config) =>
      config.destinations
        .filter(
          (destination) => 'gadget' in destination && destination.gadget === gadget.id && destination.locked,
        )
        .map(({ id }) => id),
    ),
  );
  const reveal = async (): Promise<void> => {
    const answer = await commander.run(place, { type: 'reveal', id: gadget.id });
    const found = answer?.results[0]?.token;
    if (typeof found === 'string') setToken({ id: gadget.id, name: gadget.label, token: found });
  };
  const both = [`${gadget.id}.webcam`, `${gadget.id}.mic`];
  return (
    <div className="card-actions">
      <Button onClick={() => void reveal()} data-testid={`token:${gadget.id}`}>
        {T.showToken}
      </Button>
      <Button
        aria-pressed={locked.length > 0}
        title={S.channel.lockHelp}
        onClick={() =>
          void commander.run(
            place,
            (locked.length > 0 ? locked : both).map((id) => ({
              type: locked.length > 0 ? 'unlock' : 'lock',
              id,
            })),
          )
        }
      >
        {locked.length > 0 ? S.channel.unlock : S.channel.lock}
      </Button>
      <Button onClick={() => setOpen('edit')}>{T.edit}</Button>
      <Button color="error" onClick={() => setOpen('remove')} data-testid={`remove:${gadget.id}`}>
        {T.remove}
      </Button>
      {open === 'edit' ? <GadgetForm gadget={gadget} onClose={() => setOpen(null)} /> : null}
      {open === 'remove' ? (
        <Confirm
          title={T.removeTitle(gadget.label)}
          text={T.removeText}
          action={T.remove}
          place={place}
          onConfirm={() => commander.run(place, { type: 'gadget.remove', id: gadget.id })}
          onClose={() => setOpen(null)}
        />
      ) : null}
      {token ? <GadgetTokenDialog made={token} onClose={() => setToken(null)} /> : null}
    </div>
  );
}
