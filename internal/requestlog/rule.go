package requestlog

// Rule is a way in which a plan saves requests. Rules do not change results. Each can be
// switched off, see tablefunc.WithoutPushdown.
type Rule string

// The rules.
const (
	RuleWhere Rule = "where" // predicates become parameters of the report; the others build on it
	RuleParts Rule = "parts" // only the fields of a struct that are read are requested
	RuleCount Rule = "count" // rows that are only counted are not read; the report returns their number
	RuleLimit Rule = "limit" // with a LIMIT, pages are no larger than necessary
	RuleKeys  Rule = "keys"  // a join on the key requests the keys on its other side, if that takes fewer requests
	RuleShare Rule = "share" // scans of one statement with the same customers read them once
	RuleTop   Rule = "top"   // ORDER BY id or created_at with a LIMIT reads just these rows
)

// Rules lists all rules.
func Rules() []Rule {
	return []Rule{RuleWhere, RuleParts, RuleCount, RuleLimit, RuleKeys, RuleShare, RuleTop}
}
