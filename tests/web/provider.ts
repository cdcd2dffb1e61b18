// A real identity provider for the tests of signing in, npm's oidc-provider with its own pages for login and
// consent, and gateways beside the suite that ask it. By the name localhost it is another site than the dashboard,
// which has the machine's number.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from '@playwright/test';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import { programs, type System } from './house';

/** Whom the provider knows, and what it says of them beside `sub`. */
const people: Record<string, Record<string, unknown>> = {
  wanjiru: { uncac_role: 'focal_point', uncac_state: 'KEN' },
  atieno: { uncac_role: 'contributor', uncac_state: 'KEN' },
  donor: { uncac_role: 'provider', uncac_organization: 'EX1' },
  desk: { uncac_role: 'secretariat' },
  reviewer: { uncac_role: 'auditor' },
  engine: { uncac_role: 'operator' },
  visitor: {},
  minister: { uncac_role: 'minister' },
  nowhere: { uncac_role: 'focal_point' },
  elsewhere: { uncac_role: 'focal_point', uncac_state: 'Kenya' },
  both: { uncac_role: 'provider', uncac_organization: 'EX1', uncac_state: 'KEN' },
};

interface Claims extends Record<string, unknown> {
  exp: number;
  iat: number;
}
type Spoil = (claims: Claims, header: Record<string, unknown>) => void;

export const newKey = (): JsonWebKey => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

function signed(claims: object, header: Record<string, unknown>, key: JsonWebKey): string {
  const part = (of: object) => Buffer.from(JSON.stringify(of)).toString('base64url');
  const text = `${part(header)}.${part(claims)}`;
  if (header['alg'] === 'none') return `${text}.`;
  return `${text}.${sign('sha256', Buffer.from(text), createPrivateKey({ key, format: 'jwk' })).toString('base64url')}`;
}

export class IdentityProvider {
  /** What passed by and belongs into no log: codes, states, tokens, verifiers, the secret. */
  readonly secrets = new Set<string>();
  /** It takes connections and says nothing on them, as a machine that is going down. */
  away = false;
  /** Changes the next ID tokens, which its own key, or this one, then signs. */
  spoil?: Spoil | undefined;
  spoilKey?: JsonWebKey | undefined;

  private readonly folder = mkdtempSync(join(tmpdir(), 'provider-'));
  private readonly clientSecret = randomBytes(24).toString('base64url');
  private readonly key = { ...newKey(), kid: 'signs', use: 'sig', alg: 'RS256' };
  private readonly server: Server;
  private handler?: RequestListener;
  private held?: (url: string) => void;

  private constructor() {
    this.server = createServer((asked, answer) => this.handler!(asked, answer));
    this.server.on('request', (asked) => {
      if (this.away) asked.socket.destroy();
    });
    this.secrets.add(this.clientSecret);
  }

  static async start(): Promise<IdentityProvider> {
    const provider = new IdentityProvider();
    provider.server.listen(0, '127.0.0.1');
    await once(provider.server, 'listening');
    return provider;
  }

  get issuer(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** A file as programs want one with a secret: nobody else reads it. */
  file(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 });
    return join(this.folder, name);
  }

  /** How a gateway is told of it. */
  options(secret = this.clientSecret): string[] {
    this.secrets.add(secret);
    return [
      '--oidc-issuer', this.issuer, '--oidc-client-id', 'dashboard',
      '--oidc-client-secret-file', this.file(secret === this.clientSecret ? 'secret' : 'other-secret', secret),
    ];
  }

  /** From now on it knows the gateway that browsers find there. */
  serve(publicUrl: string): void {
    const callback = `${publicUrl}/sign-in/callback`;
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: 'dashboard', client_secret: this.clientSecret, redirect_uris: [callback] }],
      claims: { openid: ['sub', 'uncac_role', 'uncac_state', 'uncac_organization'] },
      findAccount: (_, id) => {
        const said = people[id];
        return said && { accountId: id, claims: () => ({ sub: id, ...said }) };
      },
      pkce: { required: () => true },
      jwks: { keys: [this.key] },
      cookies: { keys: [randomBytes(24).toString('base64url')] },
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    });
    provider.use(async (context, next) => {
      await next();
      this.look(context as unknown as KoaContextWithOIDC, callback);
    });
    const answer = provider.callback();
    this.handler = (asked, reply) => {
      if (!this.away) void answer(asked, reply);
    };
  }

  /** Keeps the next way back to itself: the browser stays, and the address is the caller's. */
  async hold(until: () => Promise<void>): Promise<string> {
    const url = new Promise<string>((resolve) => {
      this.held = resolve;
    });
    await until();
    return url;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
    rmSync(this.folder, { recursive: true });
  }

  private look(context: KoaContextWithOIDC, callback: string): void {
    const to = context.response.get('location');
    if (to.startsWith(callback)) {
      for (const name of ['code', 'state']) this.secrets.add(new URL(to).searchParams.get(name) ?? '');
      this.secrets.delete('');
      if (this.held) {
        context.status = 200;
        context.remove('location');
        context.body = 'held';
        this.held(to);
        delete this.held;
      }
    }
    const body = context.body as Record<string, unknown> | string | undefined;
    // Its pages fetch a font from far away; tests ask nobody but this machine.
    if (typeof body === 'string') context.body = body.replace(/@import url\([^)]*\);/, '');
    else if (body && typeof body['id_token'] === 'string') {
      if (this.spoil) {
        const [header, claims] = body['id_token'].split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims);
        this.spoil(claims!, header!);
        body['id_token'] = signed(claims!, header!, this.spoilKey ?? this.key);
      }
      this.secrets.add(body['id_token'] as string).add(String(body['access_token']));
      const { code_verifier: verifier } = (context.oidc.body ?? {}) as Record<string, string>;
      if (verifier) this.secrets.add(verifier);
    }
  }
}

/** What a person does at the provider. */
export async function enter(page: Page, provider: IdentityProvider, person: string): Promise<void> {
  await page.waitForURL(`${provider.issuer}/interaction/*`);
  await page.getByPlaceholder('Enter any login').fill(person);
  await page.getByPlaceholder('and password').fill('whatever');
  await page.getByRole('button', { name: 'Sign-in' }).click();
}
export const consent = (page: Page): Promise<void> => page.getByRole('button', { name: 'Continue' }).click();
export const refuse = (page: Page): Promise<void> => page.getByRole('link', { name: 'Cancel' }).click();

/** `uncac-gateway` before the suite, and before that what ends TLS, as a deployment has it. */
export class Gateway {
  log = '';
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly front: Server,
  ) {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.log += `${line}\n`;
    });
  }

  static async start(system: System, provider: IdentityProvider, options: { secret?: string } = {}): Promise<Gateway> {
    const key = provider.file('tls-key.pem', '');
    const certificate = provider.file('tls-certificate.pem', '');
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    );
    let behind: URL | undefined;
    const front = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (asked, answer) => {
      const { method = 'GET', url = '/', headers } = asked;
      const passed = request({ hostname: behind!.hostname, port: behind!.port, method, path: url, headers }, (said) => {
        answer.writeHead(said.statusCode ?? 502, said.rawHeaders);
        said.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      answer.on('close', () => passed.destroy());
      asked.pipe(passed);
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const web = process.env['UNCAC_WEB_DIR'];
    const anyPort = '127.0.0.1:0';
    const child = spawn(
      join(programs(), 'uncac-gateway'),
      [
        '--listen', anyPort, '--http-listen', anyPort, '--health-listen', anyPort,
        '--checklist-intake', system.grpc, '--needs-matrix', system.grpc,
        '--public-url', url, '--token-signing-key', system.signing_key, ...provider.options(options.secret),
        ...(web ? ['--web-dir', web] : []),
      ],
      // Nobody's own settings change a test.
      { stdio: ['ignore', 'ignore', 'pipe'], env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('UNCAC_'))) },
    );
    const gateway = new Gateway(url, child, front);
    const serving = new Promise<string>((resolve, fail) => {
      createInterface({ input: child.stderr! }).on('line', (line) => {
        const { event, fields } = JSON.parse(line.startsWith('{') ? line : '{}') as { event?: string; fields?: { http: string } };
        if (event === 'serving') resolve(fields!.http);
      });
      child.once('exit', (code) => fail(new Error(`uncac-gateway ended with ${code}: ${gateway.log}`)));
    });
    behind = new URL(`http://${await serving}`);
    provider.serve(url);
    return gateway;
  }

  /** @returns its exit code */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const code = new Promise<number | null>((resolve) => {
      this.child.removeAllListeners('exit');
      this.child.once('exit', resolve);
    });
    this.child.kill('SIGTERM');
    this.front.close();
    this.front.closeAllConnections();
    return code;
  }
}
