package pushdown

// InBindOrder lists the scans of a statement in the order in which DuckDB binds them, one
// for each time that DuckDB calls the table function's bind. unoptimized and optimized are
// the plans of the statement with optimize := false and := true. The first contains every
// reference to the function, the second what the optimizer knows of it.
//
// Dropped is set for a reference that the optimizer removed, because the statement does not
// need it or because its predicates contradict each other. Such a scan is never read.
//
// The list is correct only if its length equals the number of times that DuckDB calls bind
// while it runs json_serialize_plan with optimize := true. The caller must check this. The
// list is too short if the optimizer copied a subplan and then merged identical copies.
//
// If the optimizer copied a subplan, as for a CTE that is NOT MATERIALIZED, DuckDB binds
// the copies after the references, in the order of their table_index. The list has the same
// order. Copies with the same table_index cannot be distinguished: such scans have
// Duplicate set and no predicates.
func InBindOrder(unoptimized, optimized *Plan) []Scan {
	byIndex := map[uint64]Scan{}
	for _, s := range optimized.Scans {
		byIndex[s.TableIndex] = s
	}
	out := make([]Scan, 0, len(unoptimized.Scans))
	for _, s := range unoptimized.Scans {
		found, ok := byIndex[s.TableIndex]
		delete(byIndex, s.TableIndex)
		switch {
		case s.Duplicate:
			found = Scan{Report: s.Report, TableIndex: s.TableIndex, Duplicate: true}
		case !ok:
			found = Scan{Report: s.Report, TableIndex: s.TableIndex, Dropped: true}
		}
		out = append(out, found)
	}
	for _, s := range optimized.Scans {
		if copied, ok := byIndex[s.TableIndex]; ok {
			out = append(out, copied)
		}
	}
	return out
}
