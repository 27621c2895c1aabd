package requests

// Rule is a way in which a plan saves requests. None changes a result; each can be switched
// off, see WithoutPushdown of package tablefunc.
type Rule string

// The rules.
const (
	RuleWhere Rule = "where" // predicates become parameters of the report; the others build on it
	RuleParts Rule = "parts" // of a struct, only the fields that are read are requested
	RuleCount Rule = "count" // rows that are only counted are not read: the report has their number
	RuleLimit Rule = "limit" // a LIMIT requests no larger page than it needs
	RuleKeys  Rule = "keys"  // a join on id requests the ids on its other side, if that takes fewer requests
	RuleShare Rule = "share" // scans of one statement that request the same rows read them once
	RuleTop   Rule = "top"   // ORDER BY id or created_at with a LIMIT reads just these rows
)

// Rules returns all rules.
func Rules() []Rule {
	return []Rule{RuleWhere, RuleParts, RuleCount, RuleLimit, RuleKeys, RuleShare, RuleTop}
}
