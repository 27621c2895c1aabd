package tablefunc

import "github.com/teamupsql/teamupsql/internal/requestlog"

// Rule is a way in which a plan saves requests. None changes an answer; each can
// be switched off, see [WithoutPushdown].
type Rule = requestlog.Rule

// The rules.
const (
	RuleWhere = requestlog.RuleWhere // predicates become parameters of the report; the others build on it
	RuleParts = requestlog.RuleParts // of a struct, only the parts that are read are asked for
	RuleCount = requestlog.RuleCount // rows that are only counted are not read: the report tells their number
	RuleLimit = requestlog.RuleLimit // a LIMIT asks for no larger page than it needs
	RuleKeys  = requestlog.RuleKeys  // a join on id asks for the ids on its other side, where that takes fewer requests
	RuleShare = requestlog.RuleShare // scans of one statement that ask for the same customers read them once
	RuleTop   = requestlog.RuleTop   // ORDER BY id or created_at with a LIMIT reads just these rows
)

// Rules lists all rules.
func Rules() []Rule { return requestlog.Rules() }
