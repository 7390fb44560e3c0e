import { memo, useState, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { Confirm } from '../controls/confirm.tsx';
import { ChannelIcon } from '../controls/icons.tsx';
import { MuteButton } from '../controls/mute-button.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useSourceHandle } from '../dnd/routing-drag.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp, useConfig, useDocument, useUi } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { S } from '../strings.ts';
import { CAMERA_TEXT, PICTURE_TEXT } from '../text/cameras.ts';
import { PictureDialog } from './picture-dialog.tsx';
import { CameraForm } from './camera-form.tsx';
import { IngestKeyDialog, type IngestKey } from './ingest-dialogs.tsx';
import { type VideoSource } from './video-source.ts';

const T = S.camerasView;

/** What a camera is, in one line. */
function describe(source: VideoSource): string {
  if (source.kind === 'ingest') return S.kinds.ingest;
  const { camera } = source;
  switch (camera.kind) {
    case 'test':
      return `${T.kinds.test} · ${T.patterns[camera.pattern]}`;
    case 'image':
      return `${T.kinds.image} · ${camera.file}`;
    case 'v4l2':
      return `${T.kinds.v4l2} · ${camera.device}`;
    case 'url':
      // What stands before the @ is a user and a password.
      return `${T.kinds.url} · ${camera.url.replace(/\/\/[^/@]*@/, '//')}`;
    case 'screen':
      return `${T.kinds.screen} · ${camera.window ?? camera.display}`;
    case 'composed':
      return `${T.kinds.composed} · ${CAMERA_TEXT.layouts[camera.layout]}`;
  }
}

export const CameraCard = memo(function CameraCard({ source }: { readonly source: VideoSource }): ReactNode {
  const handle = useSourceHandle(source);
  const carried = useUi((ui) => ui.drag?.sources.includes(source.id) ?? false);
  const device = useDocument(({ status }) => status.devices[source.id]);
  const uses = useConfig((config) => config.routes.filter((route) => route.source === source.id).length);
  const online = device?.state === 'online';
  const state = online
    ? T.online
    : device?.state === 'offline' && source.kind === 'ingest'
      ? T.waiting
      : S.device[device?.state ?? 'offline'];
  return (
    <article className={`card camera-card${carried ? ' carried' : ''}`} data-testid={`source:${source.id}`}>
      <div ref={handle} className="card-handle" title={S.channel.pick}>
        <LivePicture id={source.id} name={source.label} />
      </div>
      <div className="card-body">
        <div className="card-title">
          <ChannelIcon channel={source} />
          <span title={source.label}>{source.label}</span>
          {source.picture.blur ? <span className="badge weak">{PICTURE_TEXT.blurred}</span> : null}
          <span className={`badge push ${online ? 'live' : device?.state === 'error' ? 'fault' : ''}`}>
            {state}
          </span>
          <MuteButton channel={source} />
        </div>
        <div className="card-line">{describe(source)}</div>
        <div className="card-line">
          {device?.width !== undefined && device.height !== undefined ? (
            <span>{S.unit.format(device.width, device.height, device.fps)}</span>
          ) : null}
          <span>{T.usedBy(uses)}</span>
        </div>
        {device?.reason !== undefined && !online ? <div className="card-line">{device.reason}</div> : null}
        <RefusalNotice place={channelPlace(source.id)} />
        <Actions source={source} uses={uses} />
      </div>
    </article>
  );
});

type Open = 'edit' | 'picture' | 'remove' | 'regenerate' | null;

function Actions({ source, uses }: { readonly source: VideoSource; readonly uses: number }): ReactNode {
  const { commander } = useApp();
  const [open, setOpen] = useState<Open>(null);
  const [menu, setMenu] = useState<Element | null>(null);
  const [key, setKey] = useState<IngestKey | null>(null);
  const place = channelPlace(source.id);
  const fetchKey = async (type: 'reveal' | 'ingest.regenerate'): Promise<unknown> => {
    const answer = await commander.run(place, { type, id: source.id });
    const found = answer?.results[0]?.key;
    if (typeof found === 'string') setKey({ name: source.label, key: found });
    return answer;
  };
  return (
    <div className="card-actions">
      <Button
        onClick={(event) => setMenu(event.currentTarget)}
        aria-haspopup="menu"
        data-testid={`send:${source.id}`}
      >
        {T.sendTo}
      </Button>
      <Button onClick={() => setOpen('picture')} data-testid={`picture-settings:${source.id}`}>
        {PICTURE_TEXT.button}
      </Button>
      {source.kind === 'camera' ? (
        <Button onClick={() => setOpen('edit')} data-testid={`edit:${source.id}`}>
          {T.edit}
        </Button>
      ) : (
        <>
          <Button onClick={() => void fetchKey('reveal')} data-testid={`key:${source.id}`}>
            {T.showKey}
          </Button>
          <Button onClick={() => setOpen('regenerate')}>{T.newKey}</Button>
        </>
      )}
      <Button color="error" onClick={() => setOpen('remove')} data-testid={`remove:${source.id}`}>
        {T.remove}
      </Button>
      <SendMenu source={source} anchor={menu} onClose={() => setMenu(null)} />
      {open === 'edit' && source.kind === 'camera' ? (
        <CameraForm camera={source} onClose={() => setOpen(null)} />
      ) : null}
      {open === 'picture' ? <PictureDialog source={source} onClose={() => setOpen(null)} /> : null}
      {open === 'remove' ? (
        <Confirm
          title={T.removeTitle(source.label)}
          text={T.removeText(T.usedBy(uses))}
          action={T.remove}
          place={place}
          onConfirm={() =>
            commander.run(place, {
              type: source.kind === 'camera' ? 'camera.remove' : 'ingest.remove',
              id: source.id,
            })
          }
          onClose={() => setOpen(null)}
        />
      ) : null}
      {open === 'regenerate' ? (
        <Confirm
          title={T.newKeyTitle(source.label)}
          text={T.newKeyText}
          action={T.newKey}
          place={place}
          onConfirm={() => fetchKey('ingest.regenerate')}
          onClose={() => setOpen(null)}
        />
      ) : null}
      {key ? <IngestKeyDialog made={key} onClose={() => setKey(null)} /> : null}
    </div>
  );
}

/** Every webcam and program, with a mark where this source goes already. */
function SendMenu({
  source,
  anchor,
  onClose,
}: {
  readonly source: VideoSource;
  readonly anchor: Element | null;
  readonly onClose: () => void;
}): ReactNode {
  const { commander } = useApp();
  const outputs = useConfig(
    useShallow((config) => config.destinations.filter(({ media }) => media === 'video')),
  );
  const routed = useConfig(
    useShallow((config) =>
      config.routes.filter((route) => route.source === source.id).map(({ destination }) => destination),
    ),
  );
  return (
    <Menu open={anchor !== null} anchorEl={anchor} onClose={onClose}>
      {outputs.length === 0 ? <MenuItem disabled>{S.matrix.noDestinations}</MenuItem> : null}
      {outputs.map((destination) => {
        const on = routed.includes(destination.id);
        return (
          <MenuItem
            key={destination.id}
            selected={on}
            onClick={() => {
              onClose();
              void commander.run(channelPlace(source.id), {
                type: on ? 'unroute' : 'route',
                source: source.id,
                destination: destination.id,
              });
            }}
          >
            {on ? '✓ ' : ''}
            {destination.label} · {S.kinds[destination.kind]}
          </MenuItem>
        );
      })}
    </Menu>
  );
}
