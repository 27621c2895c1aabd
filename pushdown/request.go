package pushdown

import (
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// maxListedIDs is the longest list of ids that is sent, unless Session.MaxIDs is less. A
// request has 100 of them. For a longer list only the lower bound is sent.
const maxListedIDs = 10_000

// request turns a constraint into parameters.
type request struct {
	query   report.Query
	nothing bool
	sent    []string // the parameters that the constraint set or narrowed
	// kept describes the rows of the response, by path, as far as TeamUp documents the
	// bounds of parameters as exact.
	kept map[string]set
	any  traitMask // of Roles.AnyOf, 0 for none or one that is not understood
	now  time.Time
	// longest is the longest list of ids to send.
	longest uint64
}

// newRequest starts from the parameters that the user gave.
func newRequest(named report.Query, session Session) *request {
	r := &request{query: named, kept: map[string]set{}, now: session.Now, longest: maxListedIDs}
	if session.MaxIDs > 0 {
		r.longest = uint64(min(session.MaxIDs, maxListedIDs))
	}
	for _, p := range named.Report.Parameters {
		if s, ok := meaning(p, named); ok && p.Answers.Margin == 0 {
			r.keep(p.Answers.Column, s)
		}
	}
	r.any = maskOf(named)
	r.nothing = named.Nothing()
	return r
}

func (r *request) keep(path string, s set) {
	if old, ok := r.kept[path]; ok {
		s = s.intersect(old)
	}
	r.kept[path] = s
}

// add narrows the request to c, as far as parameters go.
func (r *request) add(c constraint) {
	if c.never {
		r.nothing = true
	}
	sets := r.withDerived(c.sets)
	listed := map[string]bool{}
	for _, p := range r.query.Report.Parameters {
		path := p.Answers.Column
		s, ok := sets[path]
		if !ok || listed[path] {
			continue
		}
		if before, ok := r.kept[path]; ok {
			s = s.intersect(before)
		}
		if s.empty() {
			r.nothing = true
			continue
		}
		if r.set(p, s) && p.Answers.Operator == report.OneOf {
			listed[path] = true
		}
	}
	r.addTraits(c)
	r.nothing = r.nothing || r.query.Nothing()
}

// set sends a condition on s with p, and reports whether it could.
func (r *request) set(p report.Parameter, s set) bool {
	operator, longest := p.Answers.Operator, r.longest
	if p.Name != r.query.Report.Roles.Keys {
		longest = min(longest, report.MaxIDs) // only keys are divided among requests
	}
	column, _ := r.query.Report.Field(p.Answers.Column)
	v, kept, ok := encode(p, column.Type.Kind, s, longest)
	if !ok || (operator == report.Positive || isWords(p)) && r.query.Has(p.Name) {
		return false
	}
	if old, given := meaning(p, r.query); given && operator != report.OneOf && !isNarrower(p, v, old) {
		r.sent = append(r.sent, p.Name)
		return true
	}
	if p.Check(v) != nil {
		return false
	}
	if operator == report.OneOf {
		// A list needs no lower bound.
		for _, other := range r.query.Report.Parameters {
			if other.Answers.Column == p.Answers.Column && other.Answers.Operator == report.Greater {
				r.query = r.query.Without(other.Name)
			}
		}
	}
	r.query = r.query.With(p.Name, v)
	r.sent = append(r.sent, p.Name)
	if p.Answers.Margin == 0 {
		r.keep(p.Answers.Column, kept)
	}
	return true
}

// addTraits sends one group of traits; the report takes no more. Those that
// follow from other parameters need none.
func (r *request) addTraits(c constraint) {
	var best traitMask
	for _, m := range c.masks() {
		if !r.keepsTrait(m) && (best == 0 || narrower(m, best)) {
			best = m
		}
	}
	name := r.query.Report.Roles.AnyOf
	if best == 0 || r.query.Has(name) {
		return
	}
	r.query = r.query.With(name, best.names(r.query.Report))
	r.any = best
	r.sent = append(r.sent, name)
}

// keepsTrait reports whether every row of the response has one of the traits.
func (r *request) keepsTrait(m traitMask) bool {
	if r.any != 0 && r.any&^m == 0 {
		return true
	}
	for path, s := range r.kept {
		if onlyTrue(s) && traitOf(r.query.Report, path)&m != 0 {
			return true
		}
	}
	return false
}

// guarantees reports whether every row of the response satisfies c.
func (r *request) guarantees(c constraint) bool {
	for path, s := range c.sets {
		kept, ok := r.kept[path]
		if m := traitOf(r.query.Report, path); onlyTrue(s) && m != 0 && r.keepsTrait(m) {
			continue
		}
		if !ok || !kept.within(s) {
			return false
		}
	}
	for _, m := range c.any {
		if !r.keepsTrait(m) {
			return false
		}
	}
	return true
}

// carries lists the parameters of this request that do something for c.
func (r *request) carries(c constraint) []string {
	var out []string
	sets := r.withDerived(c.sets)
	for _, p := range r.query.Report.Parameters {
		if slices.Contains(r.sent, p.Name) && r.helps(p, c, sets[p.Answers.Column]) {
			out = append(out, p.Name)
		}
	}
	return out
}

// helps reports whether p, which the request sends, narrows s or the traits of c.
func (r *request) helps(p report.Parameter, c constraint, s set) bool {
	if p.Name == r.query.Report.Roles.AnyOf {
		return slices.ContainsFunc(c.masks(), func(m traitMask) bool { return r.any&^m == 0 })
	}
	h, ok := s.hull()
	switch p.Answers.Operator {
	case report.Equal, report.OneOf:
		return ok
	case report.Positive:
		return ok && h.lo > 0
	case report.Greater, report.AtLeast:
		return ok && h.lo > minValue
	case report.AtMost:
		return ok && h.hi < maxValue
	}
	return false
}
