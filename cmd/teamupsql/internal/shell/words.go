package shell

import "github.com/teamupsql/teamupsql/httpsource"

// words returns how errors name what a user of this program can change: options and, if
// statements are typed, dot commands.
func words(typed bool) httpsource.Words {
	remedies := map[httpsource.Remedy]string{
		httpsource.GiveToken:    "set " + httpsource.EnvToken + " or use -token-file FILE; -demo shows made-up customers",
		httpsource.CheckToken:   "check the token (" + httpsource.EnvToken + " or -token-file) and -auth-scheme",
		httpsource.CheckAccess:  "check -provider-id (" + httpsource.EnvProviderID + "), -request-mode, and whether the token may read the report",
		httpsource.GiveBusiness: "choose the business with -provider-id N (" + httpsource.EnvProviderID + ")",
		httpsource.CheckBaseURL: "check -base-url (" + httpsource.EnvBaseURL + "), which ends with /api/v2, and whether a proxy or login page responds instead",
		httpsource.CheckNetwork: "check the network and -base-url (" + httpsource.EnvBaseURL + ")",
		httpsource.EncryptToken: "use an https:// address",
		httpsource.AllowMore:    "select fewer columns",
		httpsource.SlowDown:     "try again later, lower -rate, or see what else uses this token",
	}
	if typed {
		remedies[httpsource.GiveToken] = ".login, or .demo to look around"
		remedies[httpsource.CheckToken] = "give another one with .login"
		remedies[httpsource.GiveBusiness] = "choose the business with teamup_customers(provider_id := N)"
	}
	return httpsource.Words{Remedies: remedies, Settings: map[string]string{
		"BaseURL":     "-base-url (" + httpsource.EnvBaseURL + ")",
		"Concurrency": "-concurrency",
		"Mode":        "-request-mode",
		"ProviderID":  "-provider-id (" + httpsource.EnvProviderID + ")",
		"Scheme":      "-auth-scheme",
		"Token":       "the token",
	}}
}
