import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { isAudio, type Destination, type Route, type Source } from '../../electron/contract/index.ts';
import { Meter } from '../meters/meter.tsx';
import { LivePicture } from '../pictures/live-picture.tsx';
import { useApp, useConfig, useDocument } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { findChannel, findDestination, findSource, routesInto } from '../state/selectors.ts';
import { ChannelDialog } from '../mixer/strip-dialog.tsx';
import { SoloButton } from '../mixer/solo.tsx';
import { mutingGroups } from '../state/groups.ts';
import { moveChannel } from '../state/move.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';
import { MOVE_TEXT } from '../text/desk.ts';
import { Fader } from './fader.tsx';
import { FittingPopover } from './fitting-popover.tsx';
import { HoldButton } from './hold-button.tsx';
import { ChannelIcon } from './icons.tsx';
import { MuteButton } from './mute-button.tsx';
import { Notice, RefusalNotice } from './notice.tsx';
import { useGain } from './use-gain.ts';

export interface OpenChannel {
  readonly id: string;
  readonly anchor: Element;
}

/** Details of a source or destination: picture or level, gain, mute, name, lock, where it goes. */
export function ChannelPopover({
  open,
  onClose,
}: {
  readonly open: OpenChannel | null;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <FittingPopover
      open={open !== null}
      anchorEl={open?.anchor ?? null}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}
      slotProps={{ paper: { role: 'dialog', 'aria-label': S.matrix.openDetails } }}
    >
      {open ? <Body key={open.id} id={open.id} /> : null}
    </FittingPopover>
  );
}

function Body({ id }: { readonly id: string }): ReactNode {
  const channel = useConfig((config) => findChannel(config, id));
  const device = useDocument(({ status }) => status.devices[id]);
  const groups = useConfig((config) => mutingGroups(config, id));
  const [settings, setSettings] = useState(false);
  if (!channel) return null;
  const destination = 'locked' in channel ? channel : null;
  return (
    <div className="cell-details" data-testid="channel-popover">
      <div className="cell-details-title channel-title">
        <ChannelIcon channel={channel} size={18} />
        <span>{channel.label}</span>
        <span className="cell-details-latency">{S.kinds[channel.kind]}</span>
      </div>
      <div className="cell-details-help">{S.kindHelp[channel.kind]}</div>
      {device && device.state !== 'online' ? (
        <Notice kind="warning" role="note" message={S.device[device.state]} hint={device.reason} />
      ) : null}
      <RefusalNotice place={channelPlace(id)} />
      {channel.media === 'video' ? (
        <div className="cell-details-picture">
          <LivePicture id={id} name={channel.label} />
        </div>
      ) : (
        <Meter id={id} name={channel.label} orientation="horizontal" />
      )}
      {device?.width !== undefined && device.height !== undefined ? (
        <div className="cell-details-help">{S.unit.format(device.width, device.height, device.fps)}</div>
      ) : null}
      {isAudio(channel) ? <ChannelGain channel={channel} /> : null}
      <div className="cell-details-actions">
        <MuteButton channel={channel} testId={`details-mute:${id}`} large />
        {destination ? <LockButton destination={destination} /> : null}
        {channel.media === 'audio' && channel.kind !== 'speaker' ? (
          <SoloButton id={id} name={channel.label} />
        ) : null}
        {channel.kind === 'microphone' ? (
          <HoldButton id={id} name={channel.label} kind={channel.muted ? 'talk' : 'cough'} />
        ) : null}
        <Button variant="outlined" onClick={() => setSettings(true)} data-testid={`channel-settings:${id}`}>
          {AUDIO_TEXT.settings}
        </Button>
      </div>
      {groups === '' ? null : <Notice kind="warning" role="note" message={AUDIO_TEXT.mutedByShort(groups)} />}
      <Place id={id} />
      {settings ? <ChannelDialog channel={channel} onClose={() => setSettings(false)} /> : null}
      <Rename channel={channel} />
      {destination ? <Gets destination={destination} /> : <GoesTo source={id} />}
      {device?.state === 'offline' && (channel.kind === 'microphone' || channel.kind === 'speaker') ? (
        <Forget id={id} />
      ) : null}
    </div>
  );
}

function ChannelGain({
  channel,
}: {
  readonly channel: Extract<Source | Destination, { media: 'audio' }>;
}): ReactNode {
  const [gain, setGain] = useGain({ id: channel.id }, channel.gain, channelPlace(channel.id));
  return (
    <div className="cell-details-gain">
      <div className="cell-details-gain-head">
        <span>{S.channel.gain}</span>
        <output>{S.unit.db(gain)}</output>
      </div>
      <Fader
        gainDb={gain}
        onChange={setGain}
        label={S.channel.gainOf(channel.label)}
        testId={`fader:${channel.id}`}
        orientation="horizontal"
      />
    </div>
  );
}

function LockButton({ destination }: { readonly destination: Destination }): ReactNode {
  const { commander } = useApp();
  return (
    <Button
      variant="outlined"
      title={S.channel.lockHelp}
      aria-pressed={destination.locked}
      data-testid={`lock:${destination.id}`}
      onClick={() =>
        void commander.run(channelPlace(destination.id), {
          type: destination.locked ? 'unlock' : 'lock',
          id: destination.id,
        })
      }
    >
      {destination.locked ? S.channel.unlock : S.channel.lock}
    </Button>
  );
}

function Rename({ channel }: { readonly channel: Source | Destination }): ReactNode {
  const { commander } = useApp();
  const [name, setName] = useState(channel.label);
  const changed = name.trim() !== '' && name.trim() !== channel.label;
  return (
    <form
      className="channel-rename"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed)
          void commander.run(channelPlace(channel.id), { type: 'rename', id: channel.id, name: name.trim() });
      }}
    >
      <TextField
        label={S.channel.rename}
        value={name}
        onChange={(event) => setName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 80, 'data-testid': `rename:${channel.id}` } }}
      />
      <Button type="submit" disabled={!changed} variant="outlined">
        {S.channel.saveName}
      </Button>
    </form>
  );
}

const routeText = (name: string, route: Route, audio: boolean): string =>
  audio ? `${name} · ${S.unit.db(route.gain)}${route.muted ? ` · ${S.cell.muted}` : ''}` : name;

function GoesTo({ source }: { readonly source: string }): ReactNode {
  const config = useDocument((state) => state.config);
  const routes = config.routes.filter((route) => route.source === source);
  return (
    <div>
      <div className="cell-details-help">{S.channel.goesTo}</div>
      {routes.length === 0 ? <div>{S.channel.nowhere}</div> : null}
      {routes.map((route) => {
        const destination = findDestination(config, route.destination);
        return destination ? (
          <div key={route.destination}>
            {routeText(destination.label, route, destination.media === 'audio')}
          </div>
        ) : null;
      })}
    </div>
  );
}

function Gets({ destination }: { readonly destination: Destination }): ReactNode {
  const config = useDocument((state) => state.config);
  const routes = routesInto(config, destination.id);
  return (
    <div>
      <div className="cell-details-help">{S.channel.gets}</div>
      {routes.length === 0 ? <div>{S.channel.getsNothing}</div> : null}
      {routes.map((route) => (
        <div key={route.source}>
          {routeText(
            findSource(config, route.source)?.label ?? route.source,
            route,
            destination.media === 'audio',
          )}
        </div>
      ))}
    </div>
  );
}

/** Moves it among its like; also Alt and an arrow key on its header. */
function Place({ id }: { readonly id: string }): ReactNode {
  const app = useApp();
  return (
    <div className="channel-place">
      <span>{MOVE_TEXT.place}</span>
      <Button onClick={() => void moveChannel(app, id, -1)} data-testid={`earlier:${id}`}>
        {MOVE_TEXT.earlier}
      </Button>
      <Button onClick={() => void moveChannel(app, id, 1)} data-testid={`later:${id}`}>
        {MOVE_TEXT.later}
      </Button>
    </div>
  );
}

function Forget({ id }: { readonly id: string }): ReactNode {
  const { commander } = useApp();
  return (
    <Button
      color="error"
      variant="outlined"
      title={S.channel.forgetHelp}
      onClick={() => void commander.run(channelPlace(id), { type: 'device.forget', id })}
    >
      {S.channel.forget}
    </Button>
  );
}
