import { useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useApp } from '../state/app-context.ts';
import { S } from '../strings.ts';

/** Asked when the engine wants a token that this window does not have. */
export function TokenForm(): ReactNode {
  const { client } = useApp();
  const [token, setToken] = useState('');
  return (
    <main className="lobby">
      <form
        className="token-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') client.setToken(token.trim());
        }}
      >
        <h1>{S.connection.refused}</h1>
        <p>{S.connection.refusedHint}</p>
        <TextField
          label={S.connection.token}
          type="password"
          autoComplete="off"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          slotProps={{ htmlInput: { 'data-testid': 'token' } }}
        />
        <Button type="submit" variant="contained" size="medium">
          {S.connection.enter}
        </Button>
      </form>
    </main>
  );
}
