import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import {
  type Gadget,
  type GadgetAction,
  type GadgetHealth,
  type GadgetManagement,
  type ManagementStep,
} from '../../electron/contract/index.ts';
import { Confirm } from '../controls/confirm.tsx';
import { Notice, RefusalNotice } from '../controls/notice.tsx';
import { useApp, useDocument } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { MANAGEMENT_TEXT as T } from '../text/gadgets.ts';
import { ActionDialog, TrustDialog } from './management-dialogs.tsx';
import { carePlace } from './care-place.ts';
import { LogDialog } from './log-dialog.tsx';

const TINTS = {
  new: '',
  unknown: '',
  working: 'weak',
  ready: 'live',
  unreachable: 'fault',
  untrusted: 'fault',
  failed: 'fault',
} as const satisfies Record<GadgetManagement['state'], string>;

type Open = GadgetAction | 'trust' | 'logs' | 'mix-minus' | null;

/** How the box and a gadget that it looks after get along, and what can be done. */
export function Management({ gadget }: { readonly gadget: Gadget }): ReactNode {
  const { commander } = useApp();
  const management = useDocument(({ status }) => status.gadgets[gadget.id]?.management);
  const [open, setOpen] = useState<Open>(null);
  const [menu, setMenu] = useState<Element | null>(null);
  const place = carePlace(gadget.id);
  const close = (): void => setOpen(null);
  const choose = (what: Open): void => {
    setMenu(null);
    setOpen(what);
  };
  return (
    <>
      {gadget.mixMinus ? null : (
        <Notice
          kind="warning"
          role="note"
          message={T.mixMinusOff}
          action={
            <button
              type="button"
              data-testid={`mix-minus-lock:${gadget.id}`}
              onClick={() =>
                void commander.run(place, { type: 'gadget.update', id: gadget.id, mixMinus: true })
              }
            >
              {T.mixMinusLock}
            </button>
          }
        />
      )}
      {management ? <State management={management} onTrust={() => setOpen('trust')} /> : null}
      <RefusalNotice place={place} />
      <div className="card-actions">
        {management ? (
          <>
            {management.state === 'new' || management.state === 'failed' ? (
              <Button
                variant="contained"
                onClick={() => setOpen('provision')}
                data-testid={`provision:${gadget.id}`}
              >
                {T.actions.provision}
              </Button>
            ) : null}
            {management.state === 'ready' &&
            management.available !== undefined &&
            management.available !== management.version ? (
              <Button variant="contained" onClick={() => setOpen('update-software')}>
                {T.actions['update-software']}
              </Button>
            ) : null}
            <Button
              title={T.identifyHelp}
              disabled={management.state === 'working'}
              data-testid={`identify:${gadget.id}`}
              onClick={() => void commander.run(place, { type: 'gadget.identify', id: gadget.id })}
            >
              {T.actions.identify}
            </Button>
            <Button onClick={() => setOpen('logs')} data-testid={`logs:${gadget.id}`}>
              {T.logs}
            </Button>
          </>
        ) : null}
        <Button
          aria-haspopup="menu"
          onClick={(event) => setMenu(event.currentTarget)}
          data-testid={`more:${gadget.id}`}
        >
          {T.more}
        </Button>
      </div>
      <Menu open={menu !== null} anchorEl={menu} onClose={() => setMenu(null)}>
        {management
          ? [
              <MenuItem
                key="check"
                onClick={() => {
                  setMenu(null);
                  void commander.run(place, { type: 'gadget.check', id: gadget.id });
                }}
              >
                {T.actions.check}
              </MenuItem>,
              ...(['provision', 'update-software', 'rollback', 'reboot', 'uninstall'] as const).map(
                (action) => (
                  <MenuItem key={action} onClick={() => choose(action)}>
                    {T.actions[action]}
                    {action === 'rollback' && management.previous !== undefined
                      ? ` (${management.previous})`
                      : ''}
                  </MenuItem>
                ),
              ),
            ]
          : null}
        <MenuItem
          data-testid={`mix-minus:${gadget.id}`}
          onClick={() => {
            if (gadget.mixMinus) choose('mix-minus');
            else {
              setMenu(null);
              void commander.run(place, { type: 'gadget.update', id: gadget.id, mixMinus: true });
            }
          }}
        >
          {gadget.mixMinus ? T.mixMinusUnlock : T.mixMinusLock}
        </MenuItem>
      </Menu>
      {open === 'trust' && management ? (
        <TrustDialog gadget={gadget} management={management} onClose={close} />
      ) : null}
      {open === 'logs' ? <LogDialog id={gadget.id} name={gadget.label} onClose={close} /> : null}
      {open === 'mix-minus' ? (
        <Confirm
          title={T.mixMinusTitle(gadget.label)}
          text={T.mixMinusText}
          action={T.mixMinusUnlock}
          place={place}
          onConfirm={() => commander.run(place, { type: 'gadget.update', id: gadget.id, mixMinus: false })}
          onClose={close}
        />
      ) : null}
      {open !== null && open !== 'trust' && open !== 'logs' && open !== 'mix-minus' ? (
        <ActionDialog gadget={gadget} action={open} known={management?.state !== 'new'} onClose={close} />
      ) : null}
    </>
  );
}

function State({
  management,
  onTrust,
}: {
  readonly management: GadgetManagement;
  readonly onTrust: () => void;
}): ReactNode {
  const { state, action, reason, hint, health, version, available } = management;
  const bad = state === 'failed' || state === 'unreachable';
  return (
    <section className="care" data-testid="management" data-state={state} aria-label={T.title}>
      <div className="care-head">
        <span className={`badge ${TINTS[state]}`}>
          {state === 'working' && action ? T.running[action] : T.states[state]}
        </span>
        <span>
          {T.version}: {version ?? T.none}
          {available !== undefined && available !== version ? ` · ${T.newer(available)}` : ''}
        </span>
      </div>
      {state === 'untrusted' ? (
        <Notice
          message={reason ?? T.states.untrusted}
          hint={hint}
          action={
            <button type="button" onClick={onTrust} data-testid="trust-open">
              {T.trust}
            </button>
          }
        />
      ) : bad && reason !== undefined ? (
        <Notice message={reason} hint={hint} />
      ) : null}
      {health ? <Health health={health} /> : null}
      <Steps management={management} />
    </section>
  );
}

/** Shown while it goes on and after it failed; folded when all is done. */
function Steps({ management }: { readonly management: GadgetManagement }): ReactNode {
  const { state, action, steps } = management;
  if (steps.length === 0 || action === undefined || action === 'check' || action === 'identify') return null;
  const open = state === 'working' || state === 'failed';
  return (
    <details className="care-steps" open={open} key={String(open)}>
      <summary>{T.steps(T.actions[action])}</summary>
      <ol aria-live="polite">
        {steps.map((step) => (
          <Step key={step.id} step={step} told={management.reason} />
        ))}
      </ol>
    </details>
  );
}

const SIGNS = { waiting: '○', running: '◔', done: '✓', changed: '✓', failed: '✕' } as const;

function Step({
  step,
  told,
}: {
  readonly step: ManagementStep;
  /** Stands above already. */
  readonly told: string | undefined;
}): ReactNode {
  const { id, title, state, detail, hint, progress } = step;
  return (
    <li className={`care-step ${state}`} data-testid={`step:${id}`} data-state={state}>
      <span className="care-sign" aria-hidden>
        {SIGNS[state]}
      </span>
      <span className="care-text">
        <span>
          {title} <span className="care-state">{T.stepStates[state]}</span>
        </span>
        {detail === undefined || detail === told ? null : <span className="care-detail">{detail}</span>}
        {hint === undefined || detail === told ? null : <strong className="care-detail">{hint}</strong>}
        {state === 'running' ? (
          <LinearProgress
            aria-label={title}
            {...(progress === undefined ? {} : { variant: 'determinate' as const, value: progress * 100 })}
          />
        ) : null}
      </span>
    </li>
  );
}

function Health({ health }: { readonly health: GadgetHealth }): ReactNode {
  const { temperatureC, uptimeS, diskFreeBytes, clockOffsetMs, underVoltage, throttled, hostConfigured } =
    health;
  const facts = [
    temperatureC === undefined ? null : T.temperature(temperatureC),
    uptimeS === undefined ? null : T.uptime(uptimeS),
    diskFreeBytes === undefined ? null : T.disk(diskFreeBytes),
    clockOffsetMs === undefined || Math.abs(clockOffsetMs) < 100 ? null : T.clock(clockOffsetMs),
    hostConfigured === undefined ? null : `${T.usb}: ${hostConfigured ? T.hostYes : T.hostNo}`,
    health.fps === undefined ? null : S.unit.fps(health.fps),
  ].filter((fact) => fact !== null);
  const failed = Object.entries(health.services).filter(([, state]) => state !== 'active');
  const warnings = [
    ...health.warnings,
    ...(health.warnings.length === 0 && underVoltage !== undefined && underVoltage !== 'no'
      ? [T.underVoltage[underVoltage]]
      : []),
    ...(health.warnings.length === 0 && throttled !== undefined && throttled !== 'no'
      ? [T.throttled[throttled]]
      : []),
  ];
  return (
    <div className="care-health" data-testid="health">
      <div className="card-line" title={[health.board, health.os, health.kernel].filter(Boolean).join(' · ')}>
        {facts.join(' · ')}
      </div>
      {warnings.map((warning) => (
        <Notice key={warning} kind="warning" role="note" message={warning} />
      ))}
      {failed.length === 0 ? null : (
        <div className="card-line tint-error">
          {T.services}: {failed.map(([name, state]) => `${name} ${state}`).join(', ')}
        </div>
      )}
    </div>
  );
}
