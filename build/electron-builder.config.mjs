// How `npm run dist` packs the desktop application. Everything is bundled into out/: no node_modules go in.
import { MAINTAINER } from './deb.mjs';
import { APP_ID, ENTRY, EXECUTABLE, SCENE_FILE, SUMMARY } from './desktop/app.mjs';
import { staticFfmpeg } from './notices.mjs';
import { ROOT } from './setup.mjs';

// dist.mjs packs one architecture after the other.
const ffmpeg = staticFfmpeg(ROOT, process.env.CROSSPOINT_DIST_ARCH ?? process.arch);

/** @type {import('electron-builder').Configuration} */
export default {
  appId: APP_ID,
  productName: 'Crosspoint',
  copyright: 'MIT licence',
  directories: { output: 'dist', buildResources: 'assets' },
  files: [
    'package.json',
    'out/main.mjs',
    'out/preload.cjs',
    'out/renderer/**',
    'assets/**',
    '!node_modules/**',
    '!**/*.map',
  ],
  // Beside the archive, for programs that do not know it.
  extraResources: [
    // What the box installs on its gadgets.
    { from: 'out/shipped/gadget-packages', to: 'gadget-packages', filter: ['*.deb'] },
    // One for each architecture; the right one is picked when it runs.
    { from: 'out/shipped/mixer', to: 'mixer' },
    { from: 'out/shipped/THIRD_PARTY_NOTICES.txt', to: 'THIRD_PARTY_NOTICES.txt' },
    { from: 'out/sbom.cdx.json', to: 'sbom.cdx.json' },
    { from: 'LICENSE', to: 'LICENSE.txt' },
    ...(ffmpeg ? [{ from: ffmpeg, to: 'ffmpeg' }] : []),
  ],
  asar: true,
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
    // dist.mjs makes the deb and the tar.gz of what is unpacked here.
    target: ['AppImage'],
    executableName: EXECUTABLE,
    icon: 'assets/icons',
    category: 'AudioVideo',
    synopsis: SUMMARY,
    maintainer: MAINTAINER,
    desktop: { entry: ENTRY },
    fileAssociations: [
      {
        ext: SCENE_FILE.extension,
        name: SCENE_FILE.name,
        mimeType: SCENE_FILE.type,
        description: SCENE_FILE.name,
      },
    ],
  },
};
