package report

// Filters lists the parameters that a predicate on a column turns into, as name or
// name=value. path is a column's name, or the dotted name of a struct's part.
func Filters(path string) []string {
	var list []string
	for _, p := range parameters {
		if p.Answers.Column == path {
			list = append(list, p.Name)
		}
	}
	for _, t := range traits {
		if t.Column == path {
			list = append(list, "is_any="+t.Name)
		}
	}
	// What is derived from a column of which no parameter speaks itself.
	switch path {
	case "age":
		list = append(list, "date_of_birth_gte", "date_of_birth_lte")
	case "account_credit_balance.decimal":
		list = append(list, "has_account_credit")
	}
	return list
}
