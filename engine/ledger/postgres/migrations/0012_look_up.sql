-- The deliveries of items of a step: what every run asks for of each of its rows. It is a function so that its plan is kept: see
-- 0004_groups.sql. Each item is looked up in the index, whatever the planner believes of a table that it knows nothing about.
CREATE FUNCTION waybill.deliveries_of(its_job text, its_scope text, its_path text, items text[]) RETURNS SETOF waybill.delivery
LANGUAGE plpgsql STABLE ROWS 256 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
	its_step integer := (SELECT s.seq FROM waybill.step s WHERE s.job = its_job AND s.scope = its_scope AND s.path = its_path);
BEGIN
	RETURN QUERY SELECT d.* FROM unnest(items) AS k (item)
		CROSS JOIN LATERAL (SELECT x.* FROM waybill.delivery x WHERE x.step = its_step AND x.item = k.item COLLATE "C" OFFSET 0) AS d;
END $$;
