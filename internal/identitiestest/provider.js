// A provider of identities for tests: oidc-provider with a page that asks for a name and
// believes it. Its setup comes as JSON on standard input; its address goes to standard
// output.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const setup = JSON.parse(text);

const jwk = (kind, options, extra) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...extra,
});

const server = createServer();
await new Promise((listening) => server.listen(setup.port || 0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: setup.clients,
  jwks: {
    keys: [
      jwk('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'rsa' }),
      jwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'ec' }),
    ],
  },
  scopes: ['openid', 'email', 'profile', 'siret', 'groups'],
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['given_name', 'usual_name'],
    siret: ['siret'],
    groups: ['groups', 'realm_access'],
    acr: null,
    amr: null,
    auth_time: null,
  },
  acrValues: ['eidas1', 'eidas2'],
  conformIdTokenClaims: !setup.claimsInToken,
  cookies: { keys: ['for tests alone'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'HS256'] },
  features: {
    devInteractions: { enabled: false },
    jwtUserinfo: { enabled: true },
    claimsParameter: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  interactions: { url: (ctx, interaction) => `/ask/${interaction.uid}` },
  pkce: { required: () => Boolean(setup.requirePKCE), methods: ['S256'] },
  ttl: { IdToken: 60, AccessToken: 60, AuthorizationCode: 30, Session: 3600, Interaction: 600, Grant: 3600 },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...setup.accounts[id] }),
  }),
  renderError: (ctx, out) => {
    ctx.type = 'text/plain';
    ctx.body = `the provider refuses: ${JSON.stringify(out)}`;
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/ask/')) return next();
  const asked = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET' && asked.prompt.name === 'login') {
    ctx.type = 'text/html';
    ctx.body = `<form method="post" action="${ctx.path}"><input name="login"><button>Sign in</button></form>`;
    return undefined;
  }
  if (asked.prompt.name === 'login') {
    let form = '';
    for await (const chunk of ctx.req) form += chunk;
    const login = new URLSearchParams(form).get('login');
    if (!setup.accounts[login]) {
      return provider.interactionFinished(ctx.req, ctx.res, { error: 'access_denied', error_description: 'nobody' });
    }
    const { acr, amr } = setup.accounts[login];
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: login, acr, amr } });
  }
  const grant = new provider.Grant({ accountId: asked.session.accountId, clientId: asked.params.client_id });
  grant.addOIDCScope(asked.params.scope);
  grant.addOIDCClaims(['acr', 'amr', 'auth_time']);
  return provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true });
});

server.on('request', provider.callback());
console.log(issuer);
