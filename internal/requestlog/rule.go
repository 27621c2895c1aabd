package requestlog

// Rule is a way in which a plan saves requests. None changes an answer; each can
// be switched off, see tablefunc.WithoutPushdown.
type Rule string

// The rules.
const (
	RuleWhere Rule = "where" // predicates become parameters of the report; the others build on it
	RuleParts Rule = "parts" // of a struct, only the parts that are read are asked for
	RuleCount Rule = "count" // rows that are only counted are not read: the report tells their number
	RuleLimit Rule = "limit" // a LIMIT asks for no larger page than it needs
	RuleKeys  Rule = "keys"  // a join on id asks for the ids on its other side, where that takes fewer requests
	RuleShare Rule = "share" // scans of one statement that ask for the same customers read them once
	RuleTop   Rule = "top"   // ORDER BY id or created_at with a LIMIT reads just these rows
)

// Rules lists all rules.
func Rules() []Rule {
	return []Rule{RuleWhere, RuleParts, RuleCount, RuleLimit, RuleKeys, RuleShare, RuleTop}
}
