--
-- PostgreSQL database dump
--

\restrict Atgc7WCc0fBnB2xWWtuSby67uFkVgwpgFgIjUoH5mWj2fOV5KsSZOwJuusAveb3

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
-- Name: logs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.logs (
    id integer
);


ALTER TABLE public.logs OWNER TO postgres;

--
-- Name: orders; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.orders (
    id integer NOT NULL,
    email text,
    amount numeric(12,2)
);


ALTER TABLE public.orders OWNER TO postgres;

--
-- Name: parts; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.parts (
    id integer,
    d date
)
PARTITION BY RANGE (d);


ALTER TABLE public.parts OWNER TO postgres;

--
-- Name: parts_1; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.parts_1 (
    id integer,
    d date
);


ALTER TABLE public.parts_1 OWNER TO postgres;

--
-- Name: totals; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.totals AS
 SELECT sum(orders.amount) AS sum
   FROM public.orders;


ALTER TABLE public.totals OWNER TO postgres;

--
-- Name: parts_1; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_1 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');


--
-- Data for Name: logs; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.logs (id) FROM stdin;
1
\.


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.orders (id, email, amount) FROM stdin;
1	a@example.com	10.50
2	b@example.com	20.00
3	\N	0.00
\.


--
-- Data for Name: parts_1; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.parts_1 (id, d) FROM stdin;
1	2026-05-05
\.


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\unrestrict Atgc7WCc0fBnB2xWWtuSby67uFkVgwpgFgIjUoH5mWj2fOV5KsSZOwJuusAveb3

