import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import Badge from '@mui/material/Badge';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import { useColorScheme } from '@mui/material/styles';
import Dark from '@mui/icons-material/DarkModeOutlined';
import Light from '@mui/icons-material/LightModeOutlined';
import MicOff from '@mui/icons-material/MicOff';
import MicOn from '@mui/icons-material/MicNoneOutlined';
import Ok from '@mui/icons-material/CheckCircleOutlined';
import Panic from '@mui/icons-material/PanToolOutlined';
import Redo from '@mui/icons-material/RedoOutlined';
import System from '@mui/icons-material/BrightnessAutoOutlined';
import Trouble from '@mui/icons-material/ReportProblemOutlined';
import Undo from '@mui/icons-material/UndoOutlined';
import { useApp, useCommands, useConfig, useDocument } from '../state/app-context.ts';
import { microphones } from '../state/selectors.ts';
import { SoloChip } from '../mixer/solo.tsx';
import { S } from '../strings.ts';
import { Problems } from './problems.tsx';
import { BAR, panic } from './use-shortcuts.ts';

export function TopBar(): ReactNode {
  return (
    <header className="bar">
      <a className="bar-name" href="#/matrix">
        <svg viewBox="0 0 32 32" aria-hidden>
          <path d="M5 11h22M5 21h22M11 5v22M21 5v22" />
          <circle className="a" cx="21" cy="11" r="4.5" />
          <circle className="b" cx="11" cy="21" r="4.5" />
        </svg>
        <span>{S.app}</span>
      </a>
      <ConnectionChip />
      <SoloChip />
      <span className="bar-space" />
      <History />
      <ProblemsButton />
      <ThemeButton />
      <MuteMicrophones />
      <PanicButton />
    </header>
  );
}

function ConnectionChip(): ReactNode {
  const { server } = useApp();
  const state = useStore(server, ({ connection }) => connection.state);
  const text =
    state === 'open'
      ? S.connection.open
      : state === 'connecting'
        ? S.connection.connecting
        : S.connection.waiting;
  return (
    <span className={`bar-link ${state}`} role="status" data-testid="connection" data-state={state}>
      <span className="bar-lamp" aria-hidden />
      <span className="bar-link-text">{text}</span>
    </span>
  );
}

function History(): ReactNode {
  const { commander } = useApp();
  const { undo, redo } = useDocument(({ status }) => status.history);
  return (
    <span className="bar-history">
      <Tooltip title={S.bar.undo(undo)}>
        <span>
          <IconButton
            aria-label={S.bar.undo(undo)}
            disabled={undo === null}
            onClick={() => void commander.run(BAR, { type: 'undo' })}
            data-testid="undo"
          >
            <Undo sx={{ fontSize: 20 }} />
          </IconButton>
        </span>
      </Tooltip>
      <Tooltip title={S.bar.redo(redo)}>
        <span>
          <IconButton
            aria-label={S.bar.redo(redo)}
            disabled={redo === null}
            onClick={() => void commander.run(BAR, { type: 'redo' })}
            data-testid="redo"
          >
            <Redo sx={{ fontSize: 20 }} />
          </IconButton>
        </span>
      </Tooltip>
    </span>
  );
}

function ProblemsButton(): ReactNode {
  const problems = useDocument(({ status }) => status.problems);
  const refused = useCommands(({ refusals }) => Object.keys(refusals).length);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const count = problems.length + refused;
  const serious = refused > 0 || problems.some(({ severity }) => severity === 'error');
  return (
    <>
      <Tooltip title={S.bar.problems(count)}>
        <IconButton
          aria-label={S.bar.problems(count)}
          aria-haspopup="dialog"
          onClick={(event) => setAnchor(event.currentTarget)}
          data-testid="problems"
        >
          <Badge badgeContent={count} color={serious ? 'error' : 'warning'}>
            {count === 0 ? <Ok sx={{ fontSize: 20 }} /> : <Trouble sx={{ fontSize: 20 }} />}
          </Badge>
        </IconButton>
      </Tooltip>
      <Problems anchor={anchor} onClose={() => setAnchor(null)} />
    </>
  );
}

const MODES = ['system', 'light', 'dark'] as const;
const MODE_ICONS = { system: System, light: Light, dark: Dark } as const;

function ThemeButton(): ReactNode {
  const { mode = 'system', setMode } = useColorScheme();
  const next = MODES[(MODES.indexOf(mode) + 1) % MODES.length] ?? 'system';
  const Icon = MODE_ICONS[mode];
  const name = S.bar.themeNext(S.bar.theme[mode], S.bar.theme[next]);
  return (
    <Tooltip title={name}>
      <IconButton aria-label={name} onClick={() => setMode(next)} data-testid="theme" className="bar-theme">
        <Icon sx={{ fontSize: 20 }} />
      </IconButton>
    </Tooltip>
  );
}

function MuteMicrophones(): ReactNode {
  const { commander } = useApp();
  const muted = useConfig((config) => {
    const mics = microphones(config);
    return mics.length === 0 ? null : mics.every((mic) => mic.muted);
  });
  if (muted === null) return null;
  return (
    <Tooltip title={muted ? S.bar.unmuteMicsHelp : S.bar.muteMicsHelp}>
      <Button
        className="bar-mics"
        variant={muted ? 'contained' : 'outlined'}
        color={muted ? 'error' : 'primary'}
        aria-pressed={muted}
        startIcon={muted ? <MicOff /> : <MicOn />}
        onClick={() => void commander.run(BAR, { type: muted ? 'unmute' : 'mute', id: 'microphones' })}
        data-testid="mute-microphones"
      >
        <span className="bar-text">{muted ? S.bar.unmuteMics : S.bar.muteMics}</span>
      </Button>
    </Tooltip>
  );
}

function PanicButton(): ReactNode {
  const app = useApp();
  return (
    <Tooltip title={S.bar.panicHelp}>
      <Button
        className="bar-panic"
        variant="contained"
        startIcon={<Panic />}
        onClick={() => panic(app)}
        data-testid="panic"
      >
        {S.bar.panic}
      </Button>
    </Tooltip>
  );
}
