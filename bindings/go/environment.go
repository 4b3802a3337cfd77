package yspay

import (
	"encoding/json"
	"os"
	"strings"
	"unicode/utf8"
)

// proxyVariables are what the library looks at where no proxy is set.
var proxyVariables = []string{
	"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
}

// withEnvironment adds the environment as Go has it: what the library reads itself is as it was when the program began,
// for C's environment must not be read while another thread sets a variable.
func withEnvironment(config string) string {
	var settings map[string]json.RawMessage
	if err := json.Unmarshal([]byte(config), &settings); err != nil || settings == nil {
		return config // the library explains what is wrong with it
	}
	proxy, handedOver := settings["proxy"], settings["proxyEnvironment"]
	if handedOver != nil || (proxy != nil && string(proxy) != "null") {
		return config
	}
	variables := map[string]string{}
	for _, name := range proxyVariables {
		if value, isSet := os.LookupEnv(name); isSet && utf8.ValidString(value) {
			variables[name] = value
		}
	}
	text, err := json.Marshal(variables)
	if err != nil {
		return config
	}
	rest := config[strings.IndexByte(config, '{')+1:]
	if len(settings) > 0 {
		rest = "," + rest
	}
	return `{"proxyEnvironment":` + string(text) + rest
}
