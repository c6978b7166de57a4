import { respond } from './responses.ts';

/** Asks for the token. It stands alone: nothing but its style sheet is loaded before somebody has logged in. */
export function loginPage(status: 200 | 401, message = ''): Response {
  const said = message === '' ? '' : `<p role="alert">${message}</p>`;
  return respond(
    status,
    'text/html; charset=utf-8',
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Costspan: log in</title>
<link rel="stylesheet" href="login.css">
</head>
<body>
<main>
<h1>Costspan</h1>
${said}
<form action="login" method="post">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
</form>
<p>It is the one the dashboard was started with: <code>--token</code>, or <code>COSTSPAN_DASHBOARD_TOKEN</code>.</p>
</main>
</body>
</html>
`,
  );
}

export function loginStyle(): Response {
  return respond(
    200,
    'text/css; charset=utf-8',
    `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { width: min(24rem, 100vw - 2rem); }
form { display: grid; gap: 0.5rem; }
input, button { font: inherit; padding: 0.5rem; }
[role='alert'] { border-left: 0.25rem solid; padding-left: 0.75rem; }
`,
  );
}
