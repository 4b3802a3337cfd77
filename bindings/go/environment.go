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
	var added strings.Builder
	add := func(section string, names []string) {
		variables := map[string]string{}
		for _, name := range names {
			if value, isSet := os.LookupEnv(name); isSet && utf8.ValidString(value) {
				variables[name] = value
			}
		}
		if text, err := json.Marshal(variables); err == nil && settings[section] == nil {
			added.WriteString(`"` + section + `":` + string(text) + `,`)
		}
	}
	if proxy := settings["proxy"]; proxy == nil || string(proxy) == "null" {
		add("proxyEnvironment", proxyVariables)
	}
	if wanted := wantedVariables(settings); len(wanted) > 0 {
		add("secretEnvironment", wanted)
	}
	rest := config[strings.IndexByte(config, '{')+1:]
	if len(settings) > 0 {
		return "{" + added.String() + rest
	}
	return "{" + strings.TrimSuffix(added.String(), ",") + rest
}

// wantedVariables are the names that stand as {"env": name} in the settings and in the objects in them.
func wantedVariables(settings map[string]json.RawMessage) (names []string) {
	for name, value := range settings {
		var inner map[string]json.RawMessage
		var variable string
		if name == "env" && json.Unmarshal(value, &variable) == nil {
			names = append(names, variable)
		} else if json.Unmarshal(value, &inner) == nil {
			names = append(names, wantedVariables(inner)...)
		}
	}
	return names
}
