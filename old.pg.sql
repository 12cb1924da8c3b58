--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.accounts (
    name text NOT NULL,
    created_at bigint NOT NULL
);


ALTER TABLE public.accounts OWNER TO postgres;

--
-- Name: audit; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit (
    account text NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    messages bigint NOT NULL,
    replies bigint NOT NULL,
    opt_outs bigint NOT NULL
);


ALTER TABLE public.audit OWNER TO postgres;

--
-- Name: credit; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.credit (
    connector text NOT NULL,
    amount double precision NOT NULL,
    unit text NOT NULL,
    at bigint NOT NULL,
    alerted_at bigint NOT NULL,
    mailed_at bigint NOT NULL
);


ALTER TABLE public.credit OWNER TO postgres;

--
-- Name: credit_samples; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.credit_samples (
    connector text NOT NULL,
    at bigint NOT NULL,
    amount double precision NOT NULL
);


ALTER TABLE public.credit_samples OWNER TO postgres;

--
-- Name: cursors; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.cursors (
    connector text NOT NULL,
    cursor text NOT NULL
);


ALTER TABLE public.cursors OWNER TO postgres;

--
-- Name: deliveries; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.deliveries (
    account text NOT NULL,
    endpoint uuid NOT NULL,
    seq bigint NOT NULL,
    subject uuid NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    next_at bigint NOT NULL,
    until bigint NOT NULL,
    last_at bigint NOT NULL,
    status integer NOT NULL,
    error text NOT NULL
);


ALTER TABLE public.deliveries OWNER TO postgres;

--
-- Name: endpoints; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.endpoints (
    account text NOT NULL,
    id uuid NOT NULL,
    url text NOT NULL,
    events text NOT NULL,
    secret bytea NOT NULL,
    origin text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    failures integer NOT NULL,
    failing_at bigint NOT NULL,
    probe_at bigint NOT NULL,
    created_at bigint NOT NULL,
    key text,
    format text DEFAULT ''::text NOT NULL,
    rotated_by text DEFAULT ''::text NOT NULL,
    rotated_until bigint DEFAULT 0 NOT NULL
);


ALTER TABLE public.endpoints OWNER TO postgres;

--
-- Name: events; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events (
    account text NOT NULL,
    message uuid NOT NULL,
    seq integer NOT NULL,
    at bigint NOT NULL,
    status text NOT NULL,
    actor text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    attempt integer NOT NULL,
    operator_code text NOT NULL,
    operator_text text NOT NULL
)
PARTITION BY RANGE (message);


ALTER TABLE public.events OWNER TO postgres;

--
-- Name: events_other; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events_other (
    account text NOT NULL,
    message uuid NOT NULL,
    seq integer NOT NULL,
    at bigint NOT NULL,
    status text NOT NULL,
    actor text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    attempt integer NOT NULL,
    operator_code text NOT NULL,
    operator_text text NOT NULL
);


ALTER TABLE public.events_other OWNER TO postgres;

--
-- Name: former_secrets; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.former_secrets (
    account text NOT NULL,
    endpoint uuid NOT NULL,
    until bigint NOT NULL,
    secret bytea NOT NULL
);


ALTER TABLE public.former_secrets OWNER TO postgres;

--
-- Name: idempotency; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.idempotency (
    account text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    answer bytea NOT NULL,
    at bigint NOT NULL,
    submission uuid NOT NULL
);


ALTER TABLE public.idempotency OWNER TO postgres;

--
-- Name: inbound; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.inbound (
    account text NOT NULL,
    id uuid NOT NULL,
    connector text NOT NULL,
    provider_id text NOT NULL,
    sender text NOT NULL,
    recipient text NOT NULL,
    text text NOT NULL,
    kind text NOT NULL,
    message uuid,
    linked_by text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    handled boolean NOT NULL,
    outbox bigint NOT NULL,
    decided text DEFAULT ''::text NOT NULL,
    decided_by text DEFAULT ''::text NOT NULL,
    decided_at bigint DEFAULT 0 NOT NULL
);


ALTER TABLE public.inbound OWNER TO postgres;

--
-- Name: keys; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.keys (
    hash bytea NOT NULL,
    id text NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);


ALTER TABLE public.keys OWNER TO postgres;

--
-- Name: leases; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.leases (
    name text NOT NULL,
    node text NOT NULL,
    run text NOT NULL,
    token bigint NOT NULL,
    ends_at timestamp with time zone NOT NULL
);


ALTER TABLE public.leases OWNER TO postgres;

--
-- Name: messages; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.messages (
    account text NOT NULL,
    id uuid NOT NULL,
    submission uuid NOT NULL,
    recipient text NOT NULL,
    reference text NOT NULL,
    connector text NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    segments integer NOT NULL,
    priority integer NOT NULL,
    attempt integer NOT NULL,
    solo boolean NOT NULL,
    provider_id text,
    due_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    decisions text,
    routes text NOT NULL,
    chance bigint NOT NULL,
    endpoint uuid,
    events integer DEFAULT 0 NOT NULL,
    submitted_at bigint,
    receipt_by bigint,
    operator_code text DEFAULT ''::text NOT NULL,
    operator_text text DEFAULT ''::text NOT NULL,
    ask_at bigint,
    asks integer DEFAULT 0 NOT NULL,
    price bigint DEFAULT 0 NOT NULL,
    actor text DEFAULT ''::text NOT NULL,
    due_minute integer DEFAULT 0 NOT NULL
)
PARTITION BY RANGE (id);


ALTER TABLE public.messages OWNER TO postgres;

--
-- Name: messages_other; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.messages_other (
    account text NOT NULL,
    id uuid NOT NULL,
    submission uuid NOT NULL,
    recipient text NOT NULL,
    reference text NOT NULL,
    connector text NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    segments integer NOT NULL,
    priority integer NOT NULL,
    attempt integer NOT NULL,
    solo boolean NOT NULL,
    provider_id text,
    due_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    decisions text,
    routes text NOT NULL,
    chance bigint NOT NULL,
    endpoint uuid,
    events integer DEFAULT 0 NOT NULL,
    submitted_at bigint,
    receipt_by bigint,
    operator_code text DEFAULT ''::text NOT NULL,
    operator_text text DEFAULT ''::text NOT NULL,
    ask_at bigint,
    asks integer DEFAULT 0 NOT NULL,
    price bigint DEFAULT 0 NOT NULL,
    actor text DEFAULT ''::text NOT NULL,
    due_minute integer DEFAULT 0 NOT NULL
);


ALTER TABLE public.messages_other OWNER TO postgres;

--
-- Name: nonces; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.nonces (
    scope text NOT NULL,
    nonce text NOT NULL,
    until bigint NOT NULL
);


ALTER TABLE public.nonces OWNER TO postgres;

--
-- Name: opt_out_changes; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.opt_out_changes (
    account text NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    sender text NOT NULL,
    change text NOT NULL,
    source text NOT NULL,
    actor text NOT NULL,
    message uuid,
    inbound uuid,
    note text NOT NULL,
    at bigint NOT NULL,
    provisional boolean DEFAULT false NOT NULL
);


ALTER TABLE public.opt_out_changes OWNER TO postgres;

--
-- Name: opt_outs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.opt_outs (
    account text NOT NULL,
    number text NOT NULL,
    sender text NOT NULL,
    source text NOT NULL,
    since bigint NOT NULL,
    proof uuid NOT NULL,
    provisional boolean DEFAULT false NOT NULL
);


ALTER TABLE public.opt_outs OWNER TO postgres;

--
-- Name: outbox; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.outbox (
    account text NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    subject uuid NOT NULL,
    event integer NOT NULL,
    at bigint NOT NULL,
    data text
);


ALTER TABLE public.outbox OWNER TO postgres;

--
-- Name: ovh_applications; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.ovh_applications (
    key text NOT NULL,
    id bigint NOT NULL,
    secret bytea NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);


ALTER TABLE public.ovh_applications OWNER TO postgres;

--
-- Name: ovh_batches; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.ovh_batches (
    account text NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    data bytea NOT NULL
);


ALTER TABLE public.ovh_batches OWNER TO postgres;

--
-- Name: ovh_credentials; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.ovh_credentials (
    hash bytea NOT NULL,
    id bigint NOT NULL,
    token bytea,
    application bigint NOT NULL,
    state text NOT NULL,
    rules text NOT NULL,
    ips text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);


ALTER TABLE public.ovh_credentials OWNER TO postgres;

--
-- Name: ovh_numbers; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.ovh_numbers (
    account text NOT NULL,
    number bigint NOT NULL,
    id uuid NOT NULL,
    gone boolean NOT NULL
);


ALTER TABLE public.ovh_numbers OWNER TO postgres;

--
-- Name: ovh_services; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.ovh_services (
    account text NOT NULL,
    name text NOT NULL,
    data bytea
);


ALTER TABLE public.ovh_services OWNER TO postgres;

--
-- Name: ovh_users; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.ovh_users (
    account text NOT NULL,
    login text NOT NULL,
    password bytea NOT NULL,
    data bytea,
    created_at bigint NOT NULL
);


ALTER TABLE public.ovh_users OWNER TO postgres;

--
-- Name: quota_use; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.quota_use (
    account text NOT NULL,
    quota text NOT NULL,
    subject text NOT NULL,
    until bigint NOT NULL,
    latest bigint NOT NULL,
    messages bigint NOT NULL,
    segments bigint NOT NULL,
    most_messages bigint NOT NULL,
    most_segments bigint NOT NULL,
    money bigint DEFAULT 0 NOT NULL,
    most_money bigint DEFAULT 0 NOT NULL,
    CONSTRAINT quota_messages CHECK (((most_messages = 0) OR (messages <= most_messages))),
    CONSTRAINT quota_money CHECK (((most_money = 0) OR (money <= most_money))),
    CONSTRAINT quota_segments CHECK (((most_segments = 0) OR (segments <= most_segments)))
)
WITH (fillfactor='50');


ALTER TABLE public.quota_use OWNER TO postgres;

--
-- Name: receipts; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.receipts (
    id bigint NOT NULL,
    connector text NOT NULL,
    provider_id text NOT NULL,
    ref uuid NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    code text NOT NULL,
    text text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL
);


ALTER TABLE public.receipts OWNER TO postgres;

--
-- Name: receipts_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.receipts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.receipts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: settings; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.settings (
    name text NOT NULL,
    value text NOT NULL
);


ALTER TABLE public.settings OWNER TO postgres;

--
-- Name: shadows; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.shadows (
    account text NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    door text NOT NULL,
    instance text NOT NULL,
    verdict text NOT NULL,
    found text NOT NULL
);


ALTER TABLE public.shadows OWNER TO postgres;

--
-- Name: signing_secrets; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.signing_secrets (
    account text NOT NULL,
    secret bytea NOT NULL,
    created_at bigint NOT NULL,
    rotated_by text DEFAULT ''::text NOT NULL,
    rotated_until bigint DEFAULT 0 NOT NULL
);


ALTER TABLE public.signing_secrets OWNER TO postgres;

--
-- Name: submissions; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.submissions (
    account text NOT NULL,
    id uuid NOT NULL,
    text text NOT NULL,
    sender text NOT NULL,
    class text NOT NULL,
    encoding text NOT NULL,
    metadata text,
    actor text NOT NULL,
    accepted_at bigint NOT NULL,
    decisions text NOT NULL,
    recipients integer DEFAULT 0 NOT NULL,
    trace text
)
PARTITION BY RANGE (id);


ALTER TABLE public.submissions OWNER TO postgres;

--
-- Name: submissions_other; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.submissions_other (
    account text NOT NULL,
    id uuid NOT NULL,
    text text NOT NULL,
    sender text NOT NULL,
    class text NOT NULL,
    encoding text NOT NULL,
    metadata text,
    actor text NOT NULL,
    accepted_at bigint NOT NULL,
    decisions text NOT NULL,
    recipients integer DEFAULT 0 NOT NULL,
    trace text
);


ALTER TABLE public.submissions_other OWNER TO postgres;

--
-- Name: events_other; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_other DEFAULT;


--
-- Name: messages_other; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.messages ATTACH PARTITION public.messages_other DEFAULT;


--
-- Name: submissions_other; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.submissions ATTACH PARTITION public.submissions_other DEFAULT;


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.accounts (name, created_at) FROM stdin;
default	1795942106119280
\.


--
-- Data for Name: audit; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.audit (account, id, at, actor, action, subject, messages, replies, opt_outs) FROM stdin;
\.


--
-- Data for Name: credit; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.credit (connector, amount, unit, at, alerted_at, mailed_at) FROM stdin;
\.


--
-- Data for Name: credit_samples; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.credit_samples (connector, at, amount) FROM stdin;
\.


--
-- Data for Name: cursors; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.cursors (connector, cursor) FROM stdin;
\.


--
-- Data for Name: deliveries; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.deliveries (account, endpoint, seq, subject, state, attempts, next_at, until, last_at, status, error) FROM stdin;
\.


--
-- Data for Name: endpoints; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.endpoints (account, id, url, events, secret, origin, state, reason, failures, failing_at, probe_at, created_at, key, format, rotated_by, rotated_until) FROM stdin;
\.


--
-- Data for Name: events_other; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.events_other (account, message, seq, at, status, actor, code, detail, attempt, operator_code, operator_text) FROM stdin;
\.


--
-- Data for Name: former_secrets; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.former_secrets (account, endpoint, until, secret) FROM stdin;
\.


--
-- Data for Name: idempotency; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.idempotency (account, key, request, answer, at, submission) FROM stdin;
\.


--
-- Data for Name: inbound; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.inbound (account, id, connector, provider_id, sender, recipient, text, kind, message, linked_by, at, received_at, handled, outbox, decided, decided_by, decided_at) FROM stdin;
\.


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.keys (hash, id, account, name, created_at, revoked_at) FROM stdin;
\.


--
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.leases (name, node, run, token, ends_at) FROM stdin;
\.


--
-- Data for Name: messages_other; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.messages_other (account, id, submission, recipient, reference, connector, status, reason, segments, priority, attempt, solo, provider_id, due_at, expires_at, updated_at, decisions, routes, chance, endpoint, events, submitted_at, receipt_by, operator_code, operator_text, ask_at, asks, price, actor, due_minute) FROM stdin;
\.


--
-- Data for Name: nonces; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.nonces (scope, nonce, until) FROM stdin;
\.


--
-- Data for Name: opt_out_changes; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.opt_out_changes (account, id, number, sender, change, source, actor, message, inbound, note, at, provisional) FROM stdin;
\.


--
-- Data for Name: opt_outs; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.opt_outs (account, number, sender, source, since, proof, provisional) FROM stdin;
\.


--
-- Data for Name: outbox; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.outbox (account, seq, type, subject, event, at, data) FROM stdin;
\.


--
-- Data for Name: ovh_applications; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.ovh_applications (key, id, secret, account, name, created_at, revoked_at) FROM stdin;
\.


--
-- Data for Name: ovh_batches; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.ovh_batches (account, id, at, data) FROM stdin;
\.


--
-- Data for Name: ovh_credentials; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.ovh_credentials (hash, id, token, application, state, rules, ips, created_at, expires_at) FROM stdin;
\.


--
-- Data for Name: ovh_numbers; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.ovh_numbers (account, number, id, gone) FROM stdin;
\.


--
-- Data for Name: ovh_services; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.ovh_services (account, name, data) FROM stdin;
\.


--
-- Data for Name: ovh_users; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.ovh_users (account, login, password, data, created_at) FROM stdin;
\.


--
-- Data for Name: quota_use; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.quota_use (account, quota, subject, until, latest, messages, segments, most_messages, most_segments, money, most_money) FROM stdin;
\.


--
-- Data for Name: receipts; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.receipts (id, connector, provider_id, ref, status, reason, code, text, at, received_at) FROM stdin;
\.


--
-- Data for Name: settings; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.settings (name, value) FROM stdin;
outbox_base	0
\.


--
-- Data for Name: shadows; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.shadows (account, id, at, door, instance, verdict, found) FROM stdin;
\.


--
-- Data for Name: signing_secrets; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.signing_secrets (account, secret, created_at, rotated_by, rotated_until) FROM stdin;
\.


--
-- Data for Name: submissions_other; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.submissions_other (account, id, text, sender, class, encoding, metadata, actor, accepted_at, decisions, recipients, trace) FROM stdin;
\.


--
-- Name: receipts_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.receipts_id_seq', 1, false);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (name);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (account, id);


--
-- Name: credit credit_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credit
    ADD CONSTRAINT credit_pkey PRIMARY KEY (connector);


--
-- Name: credit_samples credit_samples_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credit_samples
    ADD CONSTRAINT credit_samples_pkey PRIMARY KEY (connector, at);


--
-- Name: cursors cursors_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.cursors
    ADD CONSTRAINT cursors_pkey PRIMARY KEY (connector);


--
-- Name: deliveries deliveries_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (account, endpoint, seq);


--
-- Name: endpoints endpoints_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.endpoints
    ADD CONSTRAINT endpoints_pkey PRIMARY KEY (account, id);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (account, message, seq);


--
-- Name: events_other events_other_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events_other
    ADD CONSTRAINT events_other_pkey PRIMARY KEY (account, message, seq);


--
-- Name: former_secrets former_secrets_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.former_secrets
    ADD CONSTRAINT former_secrets_pkey PRIMARY KEY (account, endpoint, until, secret);


--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (account, key);


--
-- Name: inbound inbound_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.inbound
    ADD CONSTRAINT inbound_pkey PRIMARY KEY (account, id);


--
-- Name: keys keys_id_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_id_key UNIQUE (id);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (hash);


--
-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);


--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (account, id);


--
-- Name: messages_other messages_other_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.messages_other
    ADD CONSTRAINT messages_other_pkey PRIMARY KEY (account, id);


--
-- Name: nonces nonces_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.nonces
    ADD CONSTRAINT nonces_pkey PRIMARY KEY (scope, nonce);


--
-- Name: opt_out_changes opt_out_changes_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.opt_out_changes
    ADD CONSTRAINT opt_out_changes_pkey PRIMARY KEY (account, id);


--
-- Name: opt_outs opt_outs_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.opt_outs
    ADD CONSTRAINT opt_outs_pkey PRIMARY KEY (account, number, sender);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (account, seq);


--
-- Name: ovh_applications ovh_applications_id_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_applications
    ADD CONSTRAINT ovh_applications_id_key UNIQUE (id);


--
-- Name: ovh_applications ovh_applications_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_applications
    ADD CONSTRAINT ovh_applications_pkey PRIMARY KEY (key);


--
-- Name: ovh_batches ovh_batches_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_batches
    ADD CONSTRAINT ovh_batches_pkey PRIMARY KEY (account, id);


--
-- Name: ovh_credentials ovh_credentials_id_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_credentials
    ADD CONSTRAINT ovh_credentials_id_key UNIQUE (id);


--
-- Name: ovh_credentials ovh_credentials_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_credentials
    ADD CONSTRAINT ovh_credentials_pkey PRIMARY KEY (hash);


--
-- Name: ovh_numbers ovh_numbers_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_numbers
    ADD CONSTRAINT ovh_numbers_pkey PRIMARY KEY (account, number);


--
-- Name: ovh_services ovh_services_name_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_services
    ADD CONSTRAINT ovh_services_name_key UNIQUE (name);


--
-- Name: ovh_services ovh_services_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_services
    ADD CONSTRAINT ovh_services_pkey PRIMARY KEY (account);


--
-- Name: ovh_users ovh_users_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.ovh_users
    ADD CONSTRAINT ovh_users_pkey PRIMARY KEY (account, login);


--
-- Name: quota_use quota_use_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.quota_use
    ADD CONSTRAINT quota_use_pkey PRIMARY KEY (account, quota, subject);


--
-- Name: receipts receipts_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (id);


--
-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);


--
-- Name: shadows shadows_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.shadows
    ADD CONSTRAINT shadows_pkey PRIMARY KEY (account, id);


--
-- Name: signing_secrets signing_secrets_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.signing_secrets
    ADD CONSTRAINT signing_secrets_pkey PRIMARY KEY (account);


--
-- Name: submissions submissions_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT submissions_pkey PRIMARY KEY (account, id);


--
-- Name: submissions_other submissions_other_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.submissions_other
    ADD CONSTRAINT submissions_other_pkey PRIMARY KEY (account, id);


--
-- Name: audit_subject; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX audit_subject ON public.audit USING btree (subject, account, id);


--
-- Name: deliveries_order; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX deliveries_order ON public.deliveries USING btree (account, endpoint, subject, seq) WHERE (state = 'pending'::text);


--
-- Name: deliveries_pending; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX deliveries_pending ON public.deliveries USING btree (account, endpoint, next_at, seq) WHERE (state = 'pending'::text);


--
-- Name: endpoints_key; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX endpoints_key ON public.endpoints USING btree (account, key) WHERE (key IS NOT NULL);


--
-- Name: endpoints_request; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX endpoints_request ON public.endpoints USING btree (account, url, format) WHERE (origin = 'request'::text);


--
-- Name: events_noted; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX events_noted ON ONLY public.events USING btree (account, message, operator_code) WHERE (code = 'receipt_pending'::text);


--
-- Name: events_other_account_message_operator_code_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX events_other_account_message_operator_code_idx ON public.events_other USING btree (account, message, operator_code) WHERE (code = 'receipt_pending'::text);


--
-- Name: idempotency_age; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX idempotency_age ON public.idempotency USING btree (at);


--
-- Name: inbound_known; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX inbound_known ON public.inbound USING btree (connector, provider_id);


--
-- Name: inbound_message; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX inbound_message ON public.inbound USING btree (account, message, id) WHERE (message IS NOT NULL);


--
-- Name: inbound_sender; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX inbound_sender ON public.inbound USING btree (account, sender, id);


--
-- Name: inbound_undecided; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX inbound_undecided ON public.inbound USING btree (account, sender, id) WHERE ((kind = 'unsure'::text) AND (decided = ''::text));


--
-- Name: inbound_unhandled; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX inbound_unhandled ON public.inbound USING btree (id) WHERE (NOT handled);


--
-- Name: messages_awaiting; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_awaiting ON ONLY public.messages USING btree (connector, receipt_by) WHERE (status = 'submitted'::text);


--
-- Name: messages_doubtful; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_doubtful ON ONLY public.messages USING btree (connector, account, ask_at) WHERE (status = 'uncertain'::text);


--
-- Name: messages_movable; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_movable ON ONLY public.messages USING btree (connector, account, id) WHERE ((status = 'queued'::text) AND (routes <> ''::text));


--
-- Name: messages_waiting; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_waiting ON ONLY public.messages USING btree (account, id) WHERE (status = ANY (ARRAY['queued'::text, 'submitting'::text, 'uncertain'::text]));


--
-- Name: messages_other_account_id_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_account_id_idx ON public.messages_other USING btree (account, id) WHERE (status = ANY (ARRAY['queued'::text, 'submitting'::text, 'uncertain'::text]));


--
-- Name: messages_other_connector_account_ask_at_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_connector_account_ask_at_idx ON public.messages_other USING btree (connector, account, ask_at) WHERE (status = 'uncertain'::text);


--
-- Name: messages_other_connector_account_id_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_connector_account_id_idx ON public.messages_other USING btree (connector, account, id) WHERE ((status = 'queued'::text) AND (routes <> ''::text));


--
-- Name: messages_sending; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_sending ON ONLY public.messages USING btree (connector) WHERE (status = 'submitting'::text);


--
-- Name: messages_other_connector_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_connector_idx ON public.messages_other USING btree (connector) WHERE (status = 'submitting'::text);


--
-- Name: messages_queue; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_queue ON ONLY public.messages USING btree (connector, priority, due_minute, account, actor, due_at) INCLUDE (expires_at) WHERE (status = 'queued'::text);


--
-- Name: messages_other_connector_priority_due_minute_account_actor__idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_connector_priority_due_minute_account_actor__idx ON public.messages_other USING btree (connector, priority, due_minute, account, actor, due_at) INCLUDE (expires_at) WHERE (status = 'queued'::text);


--
-- Name: messages_provider; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_provider ON ONLY public.messages USING btree (connector, provider_id) WHERE (provider_id IS NOT NULL);


--
-- Name: messages_other_connector_provider_id_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_connector_provider_id_idx ON public.messages_other USING btree (connector, provider_id) WHERE (provider_id IS NOT NULL);


--
-- Name: messages_other_connector_receipt_by_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_connector_receipt_by_idx ON public.messages_other USING btree (connector, receipt_by) WHERE (status = 'submitted'::text);


--
-- Name: messages_recipient; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_recipient ON ONLY public.messages USING btree (recipient, account, id);


--
-- Name: messages_other_recipient_account_id_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_recipient_account_id_idx ON public.messages_other USING btree (recipient, account, id);


--
-- Name: messages_reference; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_reference ON ONLY public.messages USING btree (reference, account, id) WHERE (reference <> ''::text);


--
-- Name: messages_other_reference_account_id_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_other_reference_account_id_idx ON public.messages_other USING btree (reference, account, id) WHERE (reference <> ''::text);


--
-- Name: nonces_age; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX nonces_age ON public.nonces USING btree (until);


--
-- Name: opt_out_changes_inbound; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX opt_out_changes_inbound ON public.opt_out_changes USING btree (account, inbound) WHERE (inbound IS NOT NULL);


--
-- Name: opt_out_changes_number; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX opt_out_changes_number ON public.opt_out_changes USING btree (account, number, id);


--
-- Name: ovh_credentials_token; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX ovh_credentials_token ON public.ovh_credentials USING btree (token) WHERE (token IS NOT NULL);


--
-- Name: ovh_numbers_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX ovh_numbers_id ON public.ovh_numbers USING btree (account, id);


--
-- Name: receipts_age; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX receipts_age ON public.receipts USING btree (received_at);


--
-- Name: receipts_once; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX receipts_once ON public.receipts USING btree (provider_id, connector, status, code, ref);


--
-- Name: shadows_age; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX shadows_age ON public.shadows USING btree (at);


--
-- Name: shadows_other; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX shadows_other ON public.shadows USING btree (at) WHERE (verdict <> 'same'::text);


--
-- Name: events_other_account_message_operator_code_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.events_noted ATTACH PARTITION public.events_other_account_message_operator_code_idx;


--
-- Name: events_other_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.events_pkey ATTACH PARTITION public.events_other_pkey;


--
-- Name: messages_other_account_id_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_waiting ATTACH PARTITION public.messages_other_account_id_idx;


--
-- Name: messages_other_connector_account_ask_at_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_doubtful ATTACH PARTITION public.messages_other_connector_account_ask_at_idx;


--
-- Name: messages_other_connector_account_id_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_movable ATTACH PARTITION public.messages_other_connector_account_id_idx;


--
-- Name: messages_other_connector_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_sending ATTACH PARTITION public.messages_other_connector_idx;


--
-- Name: messages_other_connector_priority_due_minute_account_actor__idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_queue ATTACH PARTITION public.messages_other_connector_priority_due_minute_account_actor__idx;


--
-- Name: messages_other_connector_provider_id_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_provider ATTACH PARTITION public.messages_other_connector_provider_id_idx;


--
-- Name: messages_other_connector_receipt_by_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_awaiting ATTACH PARTITION public.messages_other_connector_receipt_by_idx;


--
-- Name: messages_other_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_pkey ATTACH PARTITION public.messages_other_pkey;


--
-- Name: messages_other_recipient_account_id_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_recipient ATTACH PARTITION public.messages_other_recipient_account_id_idx;


--
-- Name: messages_other_reference_account_id_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.messages_reference ATTACH PARTITION public.messages_other_reference_account_id_idx;


--
-- Name: submissions_other_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.submissions_pkey ATTACH PARTITION public.submissions_other_pkey;


--
-- PostgreSQL database dump complete
--


