package httpsource

// Remedy is what the reader of an error can do.
type Remedy string

// The remedies.
const (
	GiveToken    Remedy = "give token"     // there is no token
	CheckToken   Remedy = "check token"    // TeamUp rejects the token
	CheckAccess  Remedy = "check access"   // the token must not read this
	GiveBusiness Remedy = "give business"  // the token can read several businesses
	CheckBaseURL Remedy = "check base URL" // the response is not from TeamUp
	CheckNetwork Remedy = "check network"  // there is no response
	EncryptToken Remedy = "encrypt token"  // the token would be sent over http
	AllowMore    Remedy = "allow more"     // a response is larger than allowed
	SlowDown     Remedy = "slow down"      // the rate limit is used up
)

// Words set how the errors of a client name what its user can change. A program with its
// own interface, such as command line options, names its own settings. Missing entries
// name the fields of [Config].
type Words struct {
	Settings map[string]string // by the name of a field of [Config], such as "Concurrency"
	Remedies map[Remedy]string // clauses that begin in lower case, without a full stop
}

// remedies are the default entries of Words.Remedies, for Go programs.
var remedies = map[Remedy]string{
	GiveToken:    "set " + EnvToken + ", httpsource.Config.Token or httpsource.Config.TokenSource",
	CheckToken:   "check " + EnvToken + ", httpsource.Config.Token or httpsource.Config.TokenSource, and httpsource.Config.Scheme",
	CheckAccess:  "check " + EnvProviderID + " or httpsource.Config.ProviderID, httpsource.Config.Mode, and whether the token may read the report",
	GiveBusiness: "set " + EnvProviderID + ", httpsource.Config.ProviderID or the parameter provider_id to the number of the business",
	CheckBaseURL: "check " + EnvBaseURL + " or httpsource.Config.BaseURL, which ends with /api/v2, and whether a proxy or login page responds instead",
	CheckNetwork: "check the network and httpsource.Config.BaseURL",
	EncryptToken: "use an https:// URL or set httpsource.Config.AllowInsecure",
	AllowMore:    "select fewer columns or raise httpsource.Config.MaxBody",
	SlowDown:     "try again later, lower httpsource.Config.RatePerMinute, or see what else uses this token",
}

func (w Words) remedy(r Remedy) string {
	if text, ok := w.Remedies[r]; ok {
		return text
	}
	return remedies[r]
}

func (w Words) setting(field string) string {
	if text, ok := w.Settings[field]; ok {
		return text
	}
	return "httpsource.Config." + field
}
