import { useState, type ReactNode } from 'react';
import Badge from '@mui/material/Badge';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';
import Clear from '@mui/icons-material/Close';
import Filter from '@mui/icons-material/TuneOutlined';
import FoldAll from '@mui/icons-material/UnfoldLessOutlined';
import UnfoldAll from '@mui/icons-material/UnfoldMoreOutlined';
import Help from '@mui/icons-material/HelpOutlineOutlined';
import HidePictures from '@mui/icons-material/VisibilityOffOutlined';
import ShowPictures from '@mui/icons-material/ViewCarouselOutlined';
import Search from '@mui/icons-material/SearchOutlined';
import Swap from '@mui/icons-material/PivotTableChartOutlined';
import { CELL_STATES } from '../../electron/contract/index.ts';
import { StateSign } from '../controls/state-sign.tsx';
import { useApp, useUi } from '../state/app-context.ts';
import { prefer, type Density, type MediaFilter, type StateFilter } from '../state/ui-store.ts';
import { S } from '../strings.ts';
import { TAKE_TEXT } from '../text/desk.ts';
import { DESTINATION_KINDS, SOURCE_KINDS } from './model.ts';

function Find({
  label,
  value,
  onChange,
  testId,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly testId: string;
}): ReactNode {
  return (
    <TextField
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && value !== '') {
          event.stopPropagation();
          onChange('');
        }
      }}
      className="mx-find"
      slotProps={{
        htmlInput: { 'aria-label': label, 'data-testid': testId },
        input: {
          startAdornment: (
            <InputAdornment position="start">
              <Search sx={{ fontSize: 18 }} />
            </InputAdornment>
          ),
          endAdornment:
            value === '' ? null : (
              <InputAdornment position="end">
                <IconButton aria-label={S.matrix.clear} onClick={() => onChange('')} edge="end">
                  <Clear sx={{ fontSize: 16 }} />
                </IconButton>
              </InputAdornment>
            ),
        },
      }}
    />
  );
}

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}): ReactNode {
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      aria-label={label}
      value={value}
      onChange={(_event, next: T | null) => next !== null && onChange(next)}
      className="mx-choice"
    >
      {(Object.entries(options) as [T, string][]).map(([key, text]) => (
        <ToggleButton key={key} value={key}>
          {text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

function Kinds<K extends keyof typeof S.groups>({
  label,
  kinds,
  chosen,
  onChange,
}: {
  readonly label: string;
  readonly kinds: readonly K[];
  readonly chosen: readonly K[];
  readonly onChange: (kinds: readonly K[]) => void;
}): ReactNode {
  return (
    <fieldset className="mx-kinds">
      <legend>{label}</legend>
      {kinds.map((kind) => (
        <label key={kind}>
          <input
            type="checkbox"
            checked={chosen.length === 0 || chosen.includes(kind)}
            onChange={({ target }) => {
              const now = chosen.length === 0 ? kinds : chosen;
              const next = target.checked ? [...now, kind] : now.filter((other) => other !== kind);
              onChange(next.length === kinds.length ? [] : next);
            }}
          />
          {S.groups[kind]}
        </label>
      ))}
    </fieldset>
  );
}

export function Toolbar({ groups }: { readonly groups: readonly string[] }): ReactNode {
  const { ui } = useApp();
  const { media, density, transposed, stripShown, folded, takeMode } = useUi((state) => state.preferences);
  const sourceText = useUi((state) => state.sourceText);
  const destinationText = useUi((state) => state.destinationText);
  const states = useUi((state) => state.states);
  const sourceKinds = useUi((state) => state.sourceKinds);
  const destinationKinds = useUi((state) => state.destinationKinds);
  const selection = useUi((state) => state.selection);
  const [filters, setFilters] = useState<Element | null>(null);
  const [legend, setLegend] = useState<Element | null>(null);
  const filtered =
    (states === 'all' ? 0 : 1) + (sourceKinds.length ? 1 : 0) + (destinationKinds.length ? 1 : 0);
  const allFolded = groups.length > 0 && groups.every((key) => folded.includes(key));
  return (
    <div className="mx-toolbar" role="toolbar" aria-label={S.matrix.filters}>
      <Find
        label={S.matrix.findDestinations}
        value={destinationText}
        onChange={(text) => ui.setState({ destinationText: text })}
        testId="find-destinations"
      />
      <Find
        label={S.matrix.findSources}
        value={sourceText}
        onChange={(text) => ui.setState({ sourceText: text })}
        testId="find-sources"
      />
      <Choice<MediaFilter>
        label={S.matrix.mediaLabel}
        value={media}
        options={S.matrix.media}
        onChange={(next) => prefer(ui, { media: next })}
      />
      <Tooltip title={S.matrix.filters}>
        <IconButton
          aria-label={S.matrix.filters}
          aria-haspopup="dialog"
          onClick={(event) => setFilters(event.currentTarget)}
          data-testid="filters"
        >
          <Badge variant="dot" color="primary" invisible={filtered === 0}>
            <Filter sx={{ fontSize: 20 }} />
          </Badge>
        </IconButton>
      </Tooltip>
      {selection.length > 0 ? (
        <span className="mx-selection">
          {S.matrix.selected(selection.length)}
          <IconButton aria-label={S.matrix.clearSelection} onClick={() => ui.setState({ selection: [] })}>
            <Clear sx={{ fontSize: 16 }} />
          </IconButton>
        </span>
      ) : null}
      <span className="mx-spacer" />
      <Tooltip title={`${TAKE_TEXT.mode}: ${TAKE_TEXT.modeHelp}`}>
        <ToggleButton
          value="take"
          size="small"
          selected={takeMode}
          className="mx-take"
          onChange={() => prefer(ui, { takeMode: !takeMode })}
          data-testid="take-mode"
        >
          {TAKE_TEXT.mode}
        </ToggleButton>
      </Tooltip>
      <Tooltip title={allFolded ? S.matrix.unfoldAll : S.matrix.foldAll}>
        <IconButton
          className="mx-fold-all"
          aria-label={allFolded ? S.matrix.unfoldAll : S.matrix.foldAll}
          onClick={() => prefer(ui, { folded: allFolded ? [] : groups })}
        >
          {allFolded ? <UnfoldAll sx={{ fontSize: 20 }} /> : <FoldAll sx={{ fontSize: 20 }} />}
        </IconButton>
      </Tooltip>
      <Tooltip title={S.matrix.transpose}>
        <IconButton
          aria-label={S.matrix.transpose}
          aria-pressed={transposed}
          onClick={() => prefer(ui, { transposed: !transposed })}
          data-testid="transpose"
        >
          <Swap sx={{ fontSize: 20 }} />
        </IconButton>
      </Tooltip>
      <Tooltip title={stripShown ? S.matrix.hideStrip : S.matrix.showStrip}>
        <IconButton
          aria-label={stripShown ? S.matrix.hideStrip : S.matrix.showStrip}
          aria-pressed={stripShown}
          onClick={() => prefer(ui, { stripShown: !stripShown })}
        >
          {stripShown ? <HidePictures sx={{ fontSize: 20 }} /> : <ShowPictures sx={{ fontSize: 20 }} />}
        </IconButton>
      </Tooltip>
      <Tooltip title={`${S.matrix.legend} · ${S.matrix.keys}`}>
        <IconButton
          aria-label={`${S.matrix.legend} · ${S.matrix.keys}`}
          aria-haspopup="dialog"
          onClick={(event) => setLegend(event.currentTarget)}
        >
          <Help sx={{ fontSize: 20 }} />
        </IconButton>
      </Tooltip>
      <Popover
        open={filters !== null}
        anchorEl={filters}
        onClose={() => setFilters(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}
        slotProps={{ paper: { role: 'dialog', 'aria-label': S.matrix.filters } }}
      >
        <div className="mx-filters">
          <div className="mx-filter-title">{S.matrix.statesLabel}</div>
          <Choice<StateFilter>
            label={S.matrix.statesLabel}
            value={states}
            options={S.matrix.stateFilter}
            onChange={(next) => ui.setState({ states: next })}
          />
          <Kinds
            label={S.mixer.destinations}
            kinds={DESTINATION_KINDS}
            chosen={destinationKinds}
            onChange={(kinds) => ui.setState({ destinationKinds: kinds })}
          />
          <Kinds
            label={S.mixer.sources}
            kinds={SOURCE_KINDS}
            chosen={sourceKinds}
            onChange={(kinds) => ui.setState({ sourceKinds: kinds })}
          />
          <div className="mx-filter-title">{S.matrix.densityLabel}</div>
          <Choice<Density>
            label={S.matrix.densityLabel}
            value={density}
            options={S.matrix.density}
            onChange={(next) => prefer(ui, { density: next })}
          />
        </div>
      </Popover>
      <Popover
        open={legend !== null}
        anchorEl={legend}
        onClose={() => setLegend(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        slotProps={{ paper: { role: 'dialog', 'aria-label': S.matrix.legend } }}
      >
        <Legend />
      </Popover>
    </div>
  );
}

function Legend(): ReactNode {
  return (
    <div className="mx-legend">
      <div className="mx-filter-title">{S.matrix.legend}</div>
      <dl>
        {CELL_STATES.map((state) => (
          <div key={state}>
            <dt data-state={state} className="mx-legend-sign">
              <span className="mx-knob">
                <StateSign state={state} size={14} />
              </span>
              {S.states[state]}
            </dt>
            <dd>{S.stateHelp[state]}</dd>
          </div>
        ))}
      </dl>
      <div className="mx-filter-title">{S.keys.title}</div>
      <dl>
        {S.keys.rows.map(([keys, text]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
