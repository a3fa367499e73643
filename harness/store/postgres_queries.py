"""What is asked of the tables of a shared run; `run` is the number of the run in every query."""

CREATE = "INSERT INTO runs (run_id, run) VALUES (%(run_id)s, %(record)s) ON CONFLICT DO NOTHING"
FIND = "SELECT run_no, run, sealed FROM runs WHERE run_id = %(run_id)s"
SEAL = "UPDATE runs SET sealed = true WHERE run_no = %(run)s"
FILL_BUCKETS = """INSERT INTO buckets (run_no, judge_id, bucket, n_calls)
    SELECT run_no, judge_id, bucket, count(*) FROM calls WHERE run_no = %(run)s
    GROUP BY run_no, judge_id, bucket ON CONFLICT DO NOTHING"""

STAGE_CALLS = """CREATE TEMP TABLE staged_calls
    (run_no int, key bytea, judge_id text, bucket int, request text, origin text) ON COMMIT DROP"""
STAGE_TEXTS = "CREATE TEMP TABLE staged_texts (run_no int, sha256 bytea, text text) ON COMMIT DROP"
TAKE_CALLS = """INSERT INTO calls SELECT * FROM staged_calls
    ON CONFLICT (run_no, key) DO UPDATE SET origin = excluded.origin"""
TAKE_TEXTS = "INSERT INTO texts SELECT * FROM staged_texts ON CONFLICT DO NOTHING"

# The time is the server's own, so that no worker's clock matters.
CLAIM = """UPDATE buckets b SET worker_id = %(worker)s, lease = lease + 1,
        lease_until = clock_timestamp() + %(lease_s)s * interval '1 s'
    FROM (SELECT run_no, judge_id, bucket FROM buckets
          WHERE run_no = %(run)s AND judge_id = %(judge)s AND NOT ended
          AND (lease_until IS NULL OR lease_until < clock_timestamp())
          AND NOT EXISTS (SELECT FROM stops s WHERE s.run_no = %(run)s AND s.judge_id = %(judge)s)
          ORDER BY bucket LIMIT 1 FOR UPDATE SKIP LOCKED) free
    WHERE b.run_no = free.run_no AND b.judge_id = free.judge_id AND b.bucket = free.bucket
    RETURNING b.bucket, b.lease"""
RENEW = """UPDATE buckets SET lease_until = clock_timestamp() + %(lease_s)s * interval '1 s'
    WHERE run_no = %(run)s AND judge_id = %(judge)s AND bucket = %(bucket)s
    AND worker_id = %(worker)s AND lease = %(lease)s RETURNING bucket"""
RELEASE = """UPDATE buckets SET ended = %(ended)s, lease_until = NULL
    WHERE run_no = %(run)s AND judge_id = %(judge)s AND bucket = %(bucket)s
    AND worker_id = %(worker)s AND lease = %(lease)s"""

OPEN = """SELECT key, judge_id, request, origin, '' FROM open_calls
    WHERE run_no = %(run)s AND judge_id = %(judge)s AND bucket = %(bucket)s ORDER BY key"""
INTERRUPTED = """SELECT b.key, b.worker_id, b.lease FROM begun b JOIN open_calls USING (run_no, key)
    WHERE b.run_no = %(run)s AND b.judge_id = %(judge)s AND b.bucket = %(bucket)s AND b.lease < %(lease)s
    ORDER BY b.key, b.lease"""
TEXTS = "SELECT sha256, text FROM texts WHERE run_no = %(run)s AND sha256 = ANY(%(wanted)s)"

KEEP = {
    "begun": """INSERT INTO begun SELECT %(run)s, * FROM unnest(%(ids)s::uuid[], %(keys)s::bytea[],
        %(judges)s::text[], %(buckets)s::int[], %(workers)s::text[], %(leases)s::int[])
        ON CONFLICT DO NOTHING""",
    "completion": """INSERT INTO completions SELECT %(run)s, * FROM unnest(%(keys)s::bytea[],
        %(payloads)s::text[]) ON CONFLICT DO NOTHING""",
    "outcome": """INSERT INTO outcomes SELECT %(run)s, * FROM unnest(%(ids)s::uuid[], %(keys)s::bytea[],
        %(payloads)s::text[]) ON CONFLICT DO NOTHING""",
    "attempt": """INSERT INTO attempts SELECT %(run)s, * FROM unnest(%(ids)s::uuid[], %(keys)s::bytea[],
        %(payloads)s::text[]) ON CONFLICT DO NOTHING""",
}

STOP = "INSERT INTO stops VALUES (%(run)s, %(judge)s, %(message)s) ON CONFLICT DO NOTHING"
STOPS = "SELECT judge_id, message FROM stops WHERE run_no = %(run)s ORDER BY judge_id"
CLEAR_STOPS = "DELETE FROM stops WHERE run_no = %(run)s"
ALLOW = """INSERT INTO accounts VALUES (%(run)s, %(account)s)
    ON CONFLICT (run_no) DO UPDATE SET account = excluded.account"""
ACCOUNT = "SELECT account FROM accounts WHERE run_no = %(run)s"
# The row is locked until it is written: two workers that spend never see the same account.
ACCOUNT_TO_SPEND = """SELECT account, extract(epoch FROM clock_timestamp())::float8 FROM accounts
    WHERE run_no = %(run)s FOR UPDATE"""
SPENT = "UPDATE accounts SET account = %(account)s WHERE run_no = %(run)s"

TALLY = """SELECT judge_id, sum(n_calls), coalesce(sum(n_calls) FILTER (WHERE ended), 0),
    count(*) FILTER (WHERE NOT ended) FROM buckets WHERE run_no = %(run)s
    GROUP BY judge_id ORDER BY judge_id"""

COMPLETIONS = """SELECT c.key, c.judge_id, c.request, c.origin, e.completion
    FROM calls c JOIN completions e USING (run_no, key)
    WHERE c.run_no = %(run)s AND c.key > %(after)s ORDER BY c.key LIMIT %(limit)s"""
OUTCOMES = """SELECT DISTINCT ON (c.key) c.key, c.judge_id, c.request, c.origin, o.outcome
    FROM calls c JOIN outcomes o USING (run_no, key)
    WHERE c.run_no = %(run)s AND c.key > %(after)s
    AND NOT EXISTS (SELECT FROM completions e WHERE e.run_no = c.run_no AND e.key = c.key)
    ORDER BY c.key, o.outcome::json->>'ended_at' DESC, o.outcome DESC LIMIT %(limit)s"""
ATTEMPTS = """SELECT row_id, attempt FROM attempts
    WHERE run_no = %(run)s AND row_id > %(after)s::uuid ORDER BY row_id LIMIT %(limit)s"""
