-- A filing whose agency was taken over goes on in the successor's, whole: with the properties, too, that the
-- reviewer who passes it does not see. Each row stays in the cell of its property, so nobody sees more by it;
-- what stood in the cell of the filing comes to that of the successor's. Who asks writes what the campaign's
-- bureau answers for, and sees both filings; nothing is answered.
CREATE OR REPLACE FUNCTION campaign.pass_filing(old_filing bigint, new_filing bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  old_cell integer;
  new_cell integer;
BEGIN
  SELECT f.rights_cell, heir.rights_cell INTO old_cell, new_cell
  FROM campaign.filing AS f
  JOIN campaign.filing AS heir ON heir.campaign_id = f.campaign_id
  JOIN campaign.campaign AS c ON c.campaign_id = f.campaign_id
  WHERE f.filing_id = old_filing AND heir.filing_id = new_filing AND c.state = 'open'
    AND f.state <> 'approved' AND f.succeeded_by_filing_id IS NULL
    AND f.rights_cell IN (SELECT cell FROM rights.my_cells)
    AND heir.rights_cell IN (SELECT cell FROM rights.my_cells)
    AND c.rights_cell IN
      (SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'campaign')
    AND EXISTS (
      SELECT FROM organization.succession AS s
      WHERE s.from_organization_id = f.organization_id
        AND s.to_organization_id = heir.organization_id)
  FOR UPDATE OF f, heir;
  IF NOT FOUND THEN
    PERFORM rights.refuse('OM403', 'campaign.not_yours.reviewer');
  END IF;
  WITH old AS (
    SELECT r.*, row_number() OVER (ORDER BY r.filing_row_id) AS at FROM campaign.filing_row AS r
    WHERE r.filing_id = old_filing AND (r.place_id IS NULL OR r.place_id NOT IN (
      SELECT place_id FROM campaign.filing_row
      WHERE filing_id = new_filing AND place_id IS NOT NULL))
  ),
  made AS (
    INSERT INTO campaign.filing_row
      (filing_id, place_id, place_code, is_removed, rights_cell, <columns>)
    SELECT new_filing, place_id, place_code, is_removed,
      CASE WHEN place_id IS NULL AND rights_cell = old_cell THEN new_cell ELSE rights_cell END,
      <columns> FROM old ORDER BY at
    RETURNING filing_row_id, rights_cell
  ),
  pair AS (
    SELECT old.filing_row_id AS old_id, made.filing_row_id AS new_id, made.rights_cell AS cell
    FROM old JOIN (
      SELECT filing_row_id, rights_cell, row_number() OVER (ORDER BY filing_row_id) AS at FROM made
    ) AS made USING (at)
  ),
  former AS (
    INSERT INTO campaign.baseline_row (filing_row_id, rights_cell, <columns>)
    SELECT pair.new_id, pair.cell, <columns>
    FROM campaign.baseline_row AS b JOIN pair ON pair.old_id = b.filing_row_id
    RETURNING filing_row_id
  ),
  said AS (
    INSERT INTO campaign.remark (filing_id, filing_row_id, field, text, made_at, account_id, answer,
      answered_at, answered_by, resolved_at, resolved_by, rights_cell)
    SELECT new_filing, pair.new_id, m.field, m.text, m.made_at, m.account_id, m.answer,
      m.answered_at, m.answered_by, m.resolved_at, m.resolved_by, pair.cell
    FROM campaign.remark AS m JOIN pair ON pair.old_id = m.filing_row_id
    ORDER BY m.remark_id
    RETURNING remark_id
  )
  INSERT INTO campaign.explanation
    (filing_row_id, field, text, explained_at, account_id, rights_cell)
  SELECT pair.new_id, e.field, e.text, e.explained_at, e.account_id, pair.cell
  FROM campaign.explanation AS e JOIN pair ON pair.old_id = e.filing_row_id;
  UPDATE campaign.filing SET succeeded_by_filing_id = new_filing, version = version + 1
  WHERE filing_id = old_filing;
END $$;
GRANT EXECUTE ON FUNCTION campaign.pass_filing(bigint, bigint) TO {readers};
