package notify

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"https://hooks.example.com/" + secretPath:                                   "",
		"https://10.0.0.7/" + secretPath:                                            "",
		"http://127.0.0.1:99/" + secretPath:                                         "",
		"http://[::1]/" + secretPath:                                                "",
		"http://hooks.example.com/" + secretPath:                                    "notify $<URL> (http): must be https",
		"https:///" + secretPath:                                                    "notify $<URL> (https): names no host",
		"https://a.example/#" + secretPath:                                          "notify $<URL> (https): must hold no fragment",
		secretPath:                                                                  "notify $<URL>: cannot be read",
		"https://a.example/" + secretPath + "\x00":                                  "notify $<URL>: cannot be read",
		"xoxb:" + secretPath:                                                        "notify $<URL>: cannot be read",
		"fax://" + secretPath:                                                       "notify $<URL> (fax): no service of that scheme",
		"fax+https://" + secretPath:                                                 "notify $<URL> (fax+https): no service of that scheme",
		"slack+https://" + secretPath:                                               "notify $<URL> (slack+https): write slack://",
		"generic+ftp://" + secretPath:                                               "notify $<URL> (generic+ftp): write generic://",
		"slack://" + secretPath:                                                     "notify $<URL> (slack): something is missing",
		"ntfy://a.example/x?" + secretPath + "=1":                                   "notify $<URL> (ntfy): something is missing",
		"telegram://" + secretPath:                                                  "notify $<URL> (telegram): something is missing",
		"teams+https://" + secretPath + ".webhook.office.com/x":                     "notify $<URL> (teams+https): something is missing",
		"teams+http://a.example/" + secretPath:                                      "notify $<URL> (teams+http): ",
		"slack://hook:WNA3PBYV6-F20DUQND3RQ-Webc4MAvoacrpPakR8phF0zi@webhook":       "",
		"smtp://user:" + secretPath + "@mail.example:587/?from=a@b.c&to=d@e.f":      "",
		"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@a": "",
		"discord://" + secretPath + "@123456789":                                    "",
		"pushover://shoutrrr:" + secretPath + "@user":                               "",
		"ntfy://ntfy.sh/" + secretPath:                                              "",
		"ntfy://ntfy.example/" + secretPath + "?scheme=http":                        "notify $<URL> (ntfy): must be https",
		"ntfy://ntfy.example/" + secretPath + "?disabletls=yes":                     "notify $<URL> (ntfy): must be https",
		"ntfy://127.0.0.1:99/" + secretPath + "?scheme=http":                        "",
		"gotify://gotify.example:8443/AzyoeNS.D4iJLVa":                              "",
		"gotify://gotify.example:80/AzyoeNS.D4iJLVa?disabletls=yes":                 "notify $<URL> (gotify): must be https",
		"mattermost://chat.example/" + secretPath:                                   "",
		"mattermost://chat.example:80/" + secretPath + "?disabletls=yes":            "notify $<URL> (mattermost): must be https",
		"generic://a.example/" + secretPath + "?disabletls=yes":                     "notify $<URL> (generic): must be https",
		"generic+http://a.example/" + secretPath:                                    "notify $<URL> (generic+http): must be https",
		"generic+https://a.example/" + secretPath:                                   "",
		"teams+https://prod-1.westus.logic.azure.com/workflows/" + secretPath:       "",
	} {
		to, err := Parse("$<URL>", address)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s: %v, want %s…", address, err, want)
		case err != nil && (strings.Contains(err.Error(), secretPath) || strings.Contains(err.Error(), ".example")):
			t.Errorf("the error repeats the address: %v", err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if shown := fmt.Sprintf(verb, to); strings.Contains(shown, secretPath) || strings.Contains(shown, ".example") {
				t.Errorf("%s shows the address: %s", verb, shown)
			}
		}
	}
}

func TestEverySchemeIsKnown(t *testing.T) {
	for _, scheme := range Schemes() {
		if _, err := Parse("$<URL>", scheme+"://"); err != nil && strings.Contains(err.Error(), "no service") {
			t.Error(err)
		}
	}
}
