import { createTheme } from '@mui/material/styles';

const FONT =
  'Inter, "Segoe UI Variable", "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';

/** MUI in the colours of tokens.css, in both schemes. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data-scheme' },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: '#2458e6' },
        error: { main: '#b3211d' },
        warning: { main: '#8a5200' },
        success: { main: '#0f7a43' },
        background: { default: '#f3f5f8', paper: '#ffffff' },
        text: { primary: '#17202b', secondary: '#536070' },
        divider: '#dfe4ea',
      },
    },
    dark: {
      palette: {
        primary: { main: '#8fb0ff' },
        error: { main: '#ff8f88' },
        warning: { main: '#ffc55c' },
        success: { main: '#5be39a' },
        background: { default: '#0e1218', paper: '#151a22' },
        text: { primary: '#e8edf3', secondary: '#a3afbd' },
        divider: '#262e3a',
      },
    },
  },
  typography: {
    fontFamily: FONT,
    fontSize: 13,
    button: { textTransform: 'none', fontWeight: 600 },
    h1: { fontSize: '1.375rem', fontWeight: 650, letterSpacing: '-0.01em' },
    h2: { fontSize: '1.0625rem', fontWeight: 650 },
    h3: { fontSize: '0.9375rem', fontWeight: 650 },
    subtitle2: { fontWeight: 600 },
  },
  shape: { borderRadius: 10 },
  components: {
    MuiButton: {
      defaultProps: { disableElevation: true, size: 'small' },
      styleOverrides: { root: { borderRadius: 8 } },
    },
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiIconButton: { defaultProps: { size: 'small' } },
    MuiTooltip: {
      defaultProps: { enterDelay: 500, disableInteractive: true },
      styleOverrides: { tooltip: { fontSize: 12, lineHeight: 1.4, maxWidth: 320 } },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiTextField: { defaultProps: { size: 'small', fullWidth: true } },
    MuiToggleButton: {
      styleOverrides: {
        root: ({ theme: { vars } }) => ({
          color: vars.palette.text.secondary,
          '&.Mui-selected': { color: vars.palette.text.primary },
        }),
      },
    },
    MuiDialog: { defaultProps: { fullWidth: true, maxWidth: 'xs' } },
  },
});

/** Key in localStorage of the chosen scheme: light, dark or system. */
export const MODE_KEY = 'crosspoint.colours';
