// How `npm run dist` packs the desktop application. Everything is bundled into out/: no node_modules go in.

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'dev.crosspoint.app',
  productName: 'Crosspoint',
  copyright: 'MIT licence',
  directories: { output: 'dist', buildResources: 'assets' },
  files: [
    'package.json',
    'out/main.mjs',
    'out/preload.cjs',
    'out/renderer/**',
    'assets/**',
    // What the box installs on its gadgets.
    'native/gadget/build/*.deb',
    '!node_modules/**',
    '!**/*.map',
  ],
  asar: true,
  // ffmpeg reads the slates, and it does not know asar archives.
  asarUnpack: ['assets/slates/**'],
  npmRebuild: false,
  publish: null,

  // Every fuse is named, so that none is left to a default. See the security model.
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    // Exists on macOS and Windows only.
    enableEmbeddedAsarIntegrityValidation: false,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    // The page comes from app://, never from file://.
    grantFileProtocolExtraPrivileges: false,
  },

  linux: {
    target: ['deb', 'AppImage', 'tar.gz'],
    executableName: 'crosspoint',
    icon: 'assets/icons',
    category: 'AudioVideo',
    synopsis: 'Routes cameras, microphones and speakers',
    maintainer: 'Crosspoint <crosspoint@localhost>',
    desktop: {
      entry: {
        Name: 'Crosspoint',
        Keywords: 'camera;microphone;webcam;routing;matrix;',
        StartupWMClass: 'crosspoint',
      },
    },
  },
  deb: {
    depends: [
      'ffmpeg',
      'pulseaudio | pipewire-pulse',
      'fonts-dejavu-core',
      'libgtk-3-0 | libgtk-3-0t64',
      'libnotify4',
      'libnss3',
      'libxss1',
      'libxtst6',
      'xdg-utils',
      'libatspi2.0-0 | libatspi2.0-0t64',
      'libuuid1',
      'libsecret-1-0',
    ],
  },
};
