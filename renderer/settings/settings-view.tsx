import { type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useColorScheme } from '@mui/material/styles';
import { type ServiceStatus } from '../../electron/contract/index.ts';
import { ProblemList } from '../app/problems.tsx';
import { RefusalNotice } from '../controls/notice.tsx';
import { useApp, useDocument } from '../state/app-context.ts';
import { channelPlace } from '../state/command-store.ts';
import { S } from '../strings.ts';
import { BOX_TEXT } from '../text/settings.ts';
import { BoxSettings, TalkSettings } from './box-settings.tsx';
import { Diagnostics } from './diagnostics.tsx';
import './settings.css';

const T = S.settings;

export function SettingsView(): ReactNode {
  const services = useDocument(({ status }) => status.services);
  const listening = useDocument(({ status }) => status.listening);
  return (
    <div className="view settings">
      <div className="view-head">
        <h1>{T.title}</h1>
      </div>
      <Appearance />
      <BoxSettings />
      <TalkSettings />
      <section>
        <h2>{T.services}</h2>
        <div className="cards">
          <Service name={T.sound} service={services.sound} />
          <Service name={T.rtmp} service={services.rtmp} />
          <Service name={T.ffmpeg} service={services.ffmpeg} />
          {listening ? <Service name={BOX_TEXT.listening} service={listening} /> : null}
        </div>
      </section>
      <section>
        <h2>{S.problems.title}</h2>
        <div className="settings-problems">
          <ProblemList />
        </div>
      </section>
      <Absent />
      <Diagnostics />
      <About />
    </div>
  );
}

const MODES = ['system', 'light', 'dark'] as const;

function Appearance(): ReactNode {
  const { mode = 'system', setMode } = useColorScheme();
  return (
    <section>
      <h2>{T.appearance}</h2>
      <ToggleButtonGroup
        exclusive
        size="small"
        value={mode}
        aria-label={T.appearance}
        onChange={(_event, next: (typeof MODES)[number] | null) => next !== null && setMode(next)}
      >
        {MODES.map((name) => (
          <ToggleButton key={name} value={name} className="settings-mode">
            {S.bar.theme[name]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </section>
  );
}

const TINTS = { ready: 'live', starting: 'weak', failed: 'fault' } as const;

function Service({ name, service }: { readonly name: string; readonly service: ServiceStatus }): ReactNode {
  return (
    <article className="card" data-testid={`service:${name}`}>
      <div className="card-body">
        <div className="card-title">
          <span>{name}</span>
          <span className={`badge push ${TINTS[service.state]}`}>{T.state[service.state]}</span>
        </div>
        {service.version === undefined ? null : <div className="card-line">{service.version}</div>}
        {service.address === undefined ? null : <div className="card-line mono">{service.address}</div>}
        {service.private === true ? <div className="card-line">{T.private}</div> : null}
        {service.mixer === undefined ? null : <div className="card-line">{T.mixedBy[service.mixer]}</div>}
        {service.reason === undefined ? null : (
          <div className={service.state === 'ready' ? 'card-line' : 'card-line tint-error'}>
            {service.reason}
          </div>
        )}
      </div>
    </article>
  );
}

/** Microphones and speakers that were seen once and are not here now. */
function Absent(): ReactNode {
  const { commander } = useApp();
  const absent = useDocument(
    useShallow(({ config, status }) =>
      [...config.sources, ...config.destinations].filter(
        ({ id, kind }) =>
          (kind === 'microphone' || kind === 'speaker') && status.devices[id]?.state === 'offline',
      ),
    ),
  );
  return (
    <section>
      <h2>{T.devices}</h2>
      {absent.length === 0 ? <p className="view-intro flat">{T.noDevices}</p> : null}
      {absent.map(({ id, label }) => (
        <div key={id} className="settings-absent">
          <span>{label}</span>
          <Button
            title={S.channel.forgetHelp}
            onClick={() => void commander.run(channelPlace(id), { type: 'device.forget', id })}
          >
            {S.channel.forget}
          </Button>
          <RefusalNotice place={channelPlace(id)} />
        </div>
      ))}
    </section>
  );
}

function About(): ReactNode {
  const { commander } = useApp();
  const view = useDocument(
    useShallow(({ revision, config, status }) => ({
      revision,
      demo: status.demo,
      sources: config.sources.length,
      destinations: config.destinations.length,
      routes: config.routes.length,
    })),
  );
  return (
    <section>
      <h2>{T.about}</h2>
      <p className="view-intro flat">{T.aboutText}</p>
      <dl className="facts settings-facts">
        <dt>{T.counts}</dt>
        <dd>
          {T.sources(view.sources)} · {T.destinations(view.destinations)} · {T.routes(view.routes)}
        </dd>
        <dt>{T.revision}</dt>
        <dd>{view.revision}</dd>
      </dl>
      {view.demo ? (
        <p>
          {T.demo}{' '}
          <Button
            onClick={() => void commander.run('form:demo', { type: 'demo.stop' })}
            data-testid="stop-demo"
          >
            {T.stopDemo}
          </Button>
        </p>
      ) : null}
      <RefusalNotice place="form:demo" />
    </section>
  );
}
