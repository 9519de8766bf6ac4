package chart

import (
	"strings"
	"testing"
)

const sidecarMode = oneKey + "mode: sidecar\n"

// What a schema cannot say, or not in a way that tells what to do, the templates say in a sentence.
func TestWhatIsWrongIsSaidInASentence(t *testing.T) {
	const noKeys = "There are no keys: set keys.NAME.existingSecret.name and keys.NAME.existingSecret.key to an entry of a Secret that holds a " +
		"MetaDefender Cloud apikey, keyDirectories.NAME.existingSecret to a Secret whose entries are all apikeys, or keys.NAME.value to the apikey itself."
	const neither = "keys.lab has neither existingSecret nor value: set existingSecret.name and existingSecret.key to the entry of a Secret that holds the apikey."
	const both = "keys.lab has both existingSecret and value: the apikey comes from one of them. Remove the other."
	const twice = "serviceMonitor and podMonitor are both enabled: every pod would be scraped twice. Enable one of them."
	const ofOwnPods = "mode is sidecar, where the pods are those of the parent chart: shards and storage are for the chart's own pods. Set shards: 1 and " +
		"storage.enabled: false."
	const noDrain = "podDisruptionBudget keeps nodes from being drained: of 2 replicas none may be away. Set maxUnavailable: 1."
	keyName := func(name string) string {
		return `keys: "` + name + `" cannot be the name of a key, which is also that of a file: ` +
			"use 1 to 128 letters, digits, _, - and . and do not start with a dot."
	}
	volumeName := func(name string) string {
		return `keyDirectories: "` + name + `" cannot be the name of a volume: ` +
			"use 1 to 40 small letters, digits and - and neither start nor end with a -."
	}
	replicas := func(number string) string {
		return "replicas is " + number + ": each replica polls every key and has its own budget of rejected requests. Set replicas: 1, " +
			"or allowReplicas: true if the vendor may be asked " + number + " times as often."
	}
	existing := func(without string) string {
		return "The configuration is an existing one, so " + without + " would have no effect: write it into that configuration and remove it from the values."
	}
	const exists = oneKey + "config: {existingConfigMap: a}\n"
	for text, want := range map[string]string{
		"{}":                         noKeys,
		"keys: {}":                   noKeys,
		"{mode: sidecar}":            noKeys,
		"keys: {lab: {}}":            neither,
		"keys: {lab: {value: \"\"}}": neither,
		"keys: {lab: {value: a, existingSecret: {name: b, key: c}}}": both,
		"keys: {.hidden: {value: a}}":                                keyName(".hidden"),
		"keys: {a/b: {value: a}}":                                    keyName("a/b"),
		"keys: {..: {value: a}}":                                     keyName(".."),
		"keys: {my key: {value: a}}":                                 keyName("my key"),
		"keys: {\"\": {value: a}}":                                   keyName(""),
		"keyDirectories: {A: {existingSecret: a}}":                   volumeName("A"),
		"keyDirectories: {a.b: {existingSecret: a}}":                 volumeName("a.b"),
		oneKey + "replicas: 2":                                       replicas("2"),
		oneKey + "{replicas: 5, allowReplicas: false}":               replicas("5"),
		oneKey + "podDisruptionBudget: {enabled: true, maxUnavailable: 1}": "podDisruptionBudget is for more than one replica: with one it either does " +
			"nothing or keeps nodes from being drained. Set podDisruptionBudget.enabled: false.",
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true}}": "podDisruptionBudget needs either minAvailable or " +
			"maxUnavailable: set one of them.",
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, minAvailable: 0, maxUnavailable: 1}}": "podDisruptionBudget needs " +
			"either minAvailable or maxUnavailable: set one of them.",
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, minAvailable: null}}": "podDisruptionBudget needs either " +
			"minAvailable or maxUnavailable: set one of them.",
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, minAvailable: 2}}":     noDrain,
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, minAvailable: '51%'}}": noDrain,
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, maxUnavailable: 0}}":   noDrain,
		oneKey + "{replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, maxUnavailable: 0%}}":  noDrain,
		oneKey + "{shards: 3, replicas: 2, allowReplicas: true}":                                                 "shards is 3 and replicas is 2: of each shard there is one pod. Set replicas: 1.",
		oneKey + "{replicas: 2, allowReplicas: true, storage: {enabled: true}}": "storage is for one pod, or one of each shard: replicas would keep the same " +
			"keys in different places. Set replicas: 1.",
		oneKey + "storage: {existingClaim: a}":                                        "storage.existingClaim has no effect without storage.enabled: true.",
		oneKey + "{shards: 2, podDisruptionBudget: {enabled: true, minAvailable: 2}}": noDrain,
		sidecarMode + "shards: 2":                                                     ofOwnPods,
		sidecarMode + "storage: {enabled: true}":                                      ofOwnPods,
		oneKey + "{serviceMonitor: {enabled: true}, podMonitor: {enabled: true}}":     twice,
		oneKey + "podMonitor: {selector: {matchLabels: {a: b}}}": "podMonitor.selector is for mode: sidecar; here the PodMonitor selects the chart's own " +
			"pods. Remove it.",
		oneKey + "config: {existingConfigMap: a, existingSecret: b}": "config has both existingConfigMap and existingSecret: the configuration comes from " +
			"one of them. Remove the other.",
		exists + "proxy: {url: 'http://a:1'}":               existing("proxy"),
		exists + "caBundle: {secret: {name: a}}":            existing("caBundle"),
		exists + "clientCertificate: {existingSecret: a}":   existing("clientCertificate"),
		exists + "keyDirectories: {a: {existingSecret: a}}": existing("keyDirectories"),
		"{config: {existingSecret: a, log_level: warn, inSecret: true, global: {nickname_label: true}}, keys: {lab: {value: a, scrape_interval: 1m}}}": existing(
			"config.global, config.log_level, config.inSecret, keys.lab.scrape_interval"),
		oneKey + "caBundle: {secret: {name: a}, configMap: {name: b}}": "caBundle has both configMap and secret: remove one of them.",
		"keys: {lab: {value: a, caBundle: {secret: {name: a}, configMap: {name: b}}}}": "keys.lab.caBundle has both configMap and secret: remove one of " +
			"them.",
		oneKey + "proxy: {existingSecret: {name: a, key: b}}": "proxy has existingSecret without url: set the url of the proxy that wants the password.",
		"keys: {lab: {value: a, proxy: {existingSecret: {name: a, key: b}}}}": "keys.lab.proxy has existingSecret without url: set the url of the proxy that " +
			"wants the password.",
		oneKey + "{proxy: {url: 'http://a:1'}, config: {global: {proxy_url: 'http://b:1'}}}": "proxy and config.global.proxy_url say the same: remove one of " +
			"them.",
		oneKey + "{proxy: {url: 'http://a:1', existingSecret: {name: a, key: b}}, config: {global: {proxy_credentials_file: c}}}": "proxy and " +
			"config.global.proxy_credentials_file say the same: remove one of them.",
		"keys: {lab: {value: a, caBundle: {secret: {name: a}}, tls_config: {ca_file: b}}}": "keys.lab.caBundle and keys.lab.tls_config.ca_file say the same: " +
			"remove one of them.",
		"keyDirectories: {lab: {existingSecret: a, clientCertificate: {existingSecret: b}, tls_config: {cert_file: b}}}": "keyDirectories.lab.clientCertificate " +
			"and keyDirectories.lab.tls_config.cert_file say the same: remove one of them.",
		oneKey + "{webConfig: {existingSecret: a}, service: {port: 10581}}": "service.port is 10581, which is the Service's port for the probes where " +
			"there is a webConfig. Choose another.",
		sidecarMode + "serviceMonitor: {enabled: true}": "mode is sidecar, where the pods are those of the parent chart: serviceMonitor would find none. Set " +
			"serviceMonitor.enabled: false and podMonitor.enabled: true.",
		sidecarMode + "networkPolicy: {enabled: true}": "mode is sidecar, where the pods are those of the parent chart: networkPolicy would find none. Set " +
			"networkPolicy.enabled: false.",
	} {
		for _, helm := range helms() {
			_, err := helm.render(values(t, strings.Replace(text, oneKey+"{", "{"+strings.TrimSpace(oneKey)+", ", 1)))
			if err == nil || !strings.HasSuffix(err.Error(), ": "+want) && !strings.HasSuffix(err.Error(), "error calling fail: "+want) {
				t.Errorf("%s: %s:\n%v\nis not\n%s", helm.name, text, err, want)
			}
		}
	}
}

// A typo stops the installation with the place and the word.
func TestTypoIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"replicaCount: 1":                          "- at '': additional properties 'replicaCount' not allowed\n",
		"serviceMonitor: {intervall: 60s}":         "- at '/serviceMonitor': additional properties 'intervall' not allowed\n",
		"config: {global: {scrape_intervall: 1m}}": "- at '/config/global': additional properties 'scrape_intervall' not allowed\n",
		"mode: side-car":                           "- at '/mode': value must be one of 'deployment', 'sidecar'\n",
	} {
		for _, helm := range helms() {
			given := values(t, oneKey)
			for name, value := range values(t, text) {
				given[name] = value
			}
			_, err := helm.render(given)
			if err == nil || err.Error() != "values don't meet the specifications of the schema(s) in the following chart(s):\nmdcloud-exporter:\n"+want {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}

func TestSchemaRefusesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"replicaCount: 1":                                                   "replicaCount",
		"image: {repo: x}":                                                  "repo",
		"image: {digest: latest}":                                           "digest",
		"service: {port: http}":                                             "port",
		"serviceMonitor: {intervall: 60s}":                                  "intervall",
		"serviceMonitor: {scheme: tls}":                                     "scheme",
		"webConfig: {file: x}":                                              "file",
		"serviceMonitor: {interval: 60}":                                    "interval",
		"config: {global: {scrape_intervall: 1m}}":                          "scrape_intervall",
		"config: {global: {collectors: [infos]}}":                           "collectors",
		"config: {keys: []}":                                                "keys",
		"config: {log_level: loud}":                                         "log_level",
		"keys: {lab: {apikey: a}}":                                          "apikey",
		"keys: {lab: {existingSecret: {name: a}}}":                          "key",
		"keys: {lab: {value: a, labels: {a-b: c}}}":                         "a-b",
		"keys: {lab: {value: 1}}":                                           "value",
		"keys: {lab: {value: a, proxy: {url: 'http://user:word@proxy:1'}}}": "url",
		"keys: {lab: {value: a, caBundle: {name: a}}}":                      "name",
		"keys: {lab: {value: a, clientCertificate: a}}":                     "clientCertificate",
		"keyDirectories: {a: {}}":                                           "existingSecret",
		"caBundle: {secret: {key: a}}":                                      "name",
		"service: {ipFamilies: [IPv5]}":                                     "ipFamilies",
		"podMonitor: {sampleLimit: -1}":                                     "sampleLimit",
		"podMonitor: {fallbackScrapeProtocol: text}":                        "fallbackScrapeProtocol",
		"podDisruptionBudget: {minAvailable: most}":                         "minAvailable",
		"networkPolicy: {egress: {to: []}}":                                 "to",
		"networkPolicy: {egress: {ports: [https]}}":                         "ports",
		"networkPolicy: {from: []}":                                         "from",
		"extraManifests: [1]":                                               "extraManifests",
		// What the exporter would end with; a password would be in the ConfigMap, too.
		"config: {global: {base_url: 'https://user:word@gateway/v4'}}":   "base_url",
		"config: {global: {base_url: 'https://gateway/v4?apikey=0123'}}": "base_url",
		"config: {global: {base_url: 'http://gateway:8080/v4'}}":         "base_url",
		"keys: {lab: {value: a, base_url: 'https://'}}":                  "base_url",
		"keys: {lab: {value: a, labels: {instance: c}}}":                 "instance",
		"keyDirectories: {lab: {existingSecret: a, labels: {__c: d}}}":   "__c",
		"config: {global: {max_requests_per_second: 10001}}":             "max_requests_per_second",
		"config: {global: {max_concurrent_requests: 1001}}":              "max_concurrent_requests",
		"config: {global: {max_rejected_requests_per_hour: 1001}}":       "max_rejected_requests_per_hour",
	} {
		for _, helm := range helms() {
			given := values(t, oneKey)
			for name, value := range values(t, text) {
				given[name] = value
			}
			_, err := helm.render(given)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "schema") {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}
