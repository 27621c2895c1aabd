package scan

import "github.com/teamupsql/teamupsql/internal/requestlog"

// Rule is a way in which a plan saves requests.
type Rule = requestlog.Rule

// The rules, by their short names.
const (
	RuleWhere = requestlog.RuleWhere
	RuleParts = requestlog.RuleParts
	RuleCount = requestlog.RuleCount
	RuleLimit = requestlog.RuleLimit
	RuleKeys  = requestlog.RuleKeys
	RuleShare = requestlog.RuleShare
	RuleTop   = requestlog.RuleTop
)
