import { CrosspointError } from '../../../contract/index.ts';
import { lastLine, sh, SshError } from '../../ssh/index.ts';
import { type Step } from '../step.ts';

/** Make contact. The host key is pinned by whoever opens the connection. */
export const reach: Step = {
  id: 'reach',
  title: 'Reach the Raspberry Pi',
  async check({ pi, gadget }) {
    const session = await pi.connect();
    await pi.look();
    return { done: true, detail: `${gadget.user}@${gadget.host ?? ''}, host key ${session.fingerprint}.` };
  },
};

/** Contact alone. */
export const greet: Step = {
  ...reach,
  async check({ pi, gadget }) {
    const session = await pi.connect();
    return { done: true, detail: `${gadget.user}@${gadget.host ?? ''}, host key ${session.fingerprint}.` };
  },
};

/** Afterwards the box needs no password any more. */
export const boxKey: Step = {
  id: 'key',
  title: "Install the box's key",
  async check({ pi, boxKey, onManaged }) {
    const { login } = await pi.connect();
    if (login?.kind !== 'key' || login.privateKey !== boxKey.privateKey)
      return { done: false, detail: 'The Pi does not know the key of this box.' };
    await onManaged();
    return { done: true, detail: 'The Pi knows the key of this box.' };
  },
  async run({ pi, boxKey, gadget, loginByBoxKey, onManaged }) {
    const { code, stderr } = await pi.user(
      sh`key=${boxKey.publicKey}` +
        `
        umask 077
        set -e
        mkdir -p ~/.ssh
        f=~/.ssh/authorized_keys
        if [ -e "$f" ] && grep -qxF -- "$key" "$f"; then exit 0; fi
        if [ -s "$f" ] && [ -n "$(tail -c 1 "$f")" ]; then printf '\\n' >> "$f"; fi
        printf '%s\\n' "$key" >> "$f"`,
    );
    if (code !== 0)
      throw new CrosspointError('unavailable', `The Pi cannot keep the key: ${lastLine(stderr)}`, {
        hint: `Can ${gadget.user} write its home directory there?`,
      });
    try {
      pi.use(await loginByBoxKey());
    } catch (error) {
      if (!(error instanceof SshError) || error.failure !== 'login') throw error;
      throw new CrosspointError('unauthorized', 'The Pi does not take the key that was just installed.', {
        hint: `Look at its SSH server: PubkeyAuthentication and AuthorizedKeysFile in /etc/ssh/sshd_config, and the permissions of the home directory of ${gadget.user}.`,
        cause: error,
      });
    }
    await onManaged();
    return 'The Pi knows the key of this box now; the password is not needed for it any more.';
  },
};

export const sudo: Step = {
  id: 'sudo',
  title: 'Be allowed to set it up',
  async check({ pi, gadget }) {
    const { sudo: kind } = await pi.facts();
    switch (kind) {
      case 'root':
        return { done: true, detail: 'We are root there.' };
      case 'free':
        return { done: true, detail: `${gadget.user} may do everything there.` };
      case 'password':
        if (!pi.hasPassword)
          return {
            done: true,
            detail: 'sudo asks for a password there, and none was given: what has to be changed will fail.',
          };
        if (await pi.sudoTakesPassword())
          return { done: true, detail: 'sudo takes the password, which is not kept.' };
        throw new CrosspointError('unauthorized', `sudo does not take this password of ${gadget.user}.`, {
          hint: `Give the password of ${gadget.user}, and see that this user is in the group sudo.`,
        });
      case 'none':
        throw new CrosspointError('unauthorized', 'There is no sudo on the Pi.', {
          hint: 'Use the user root, or install sudo.',
        });
    }
  },
};
