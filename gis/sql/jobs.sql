-- Jobs and their queue. Re-created after every migration, like everything derived.

-- Whoever writes a job queues it, in the same transaction: no job without a queue entry, no entry
-- without a job. The web role itself reaches nothing in the queue.
CREATE OR REPLACE FUNCTION staging.queue_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM queue.procrastinate_defer_jobs_v1(ARRAY[ROW(
    'work', 'run_job', 0, NULL, NULL, jsonb_build_object('job_id', new.job_id), NULL
  )]::queue.procrastinate_job_to_defer_v1[]);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER queue_job AFTER INSERT ON staging.job
  FOR EACH ROW EXECUTE FUNCTION staging.queue_job();

-- A waiting job ends at once; a running one is asked to, and its worker rolls it back.
CREATE OR REPLACE FUNCTION staging.cancel_job(which bigint) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE staging.job SET
    cancel_asked_at = coalesce(cancel_asked_at, clock_timestamp()),
    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
    message_key = CASE state WHEN 'queued' THEN 'job.cancelled' ELSE message_key END,
    ended_at = CASE state WHEN 'queued' THEN clock_timestamp() ELSE ended_at END
  WHERE job_id = which AND state IN ('queued', 'running')
    AND (account_id = rights.current_writer_id() OR rights.may_write_all())
  RETURNING state
$$;

-- For watching over the server: how much waits, not whose or what.
CREATE OR REPLACE FUNCTION staging.waiting_work(
  OUT queued bigint, OUT running bigint, OUT oldest_s double precision, OUT stale_squares bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'),
    coalesce(extract(epoch FROM clock_timestamp()
      - min(asked_at) FILTER (WHERE state = 'queued')), 0)::double precision,
    (SELECT count(*) FROM place.stale_square)
  FROM staging.job WHERE state IN ('queued', 'running')
$$;
