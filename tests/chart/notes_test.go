package chart

import (
	"strings"
	"testing"
)

// What is missing for the values to work.
func TestNotesSayWhatIsMissing(t *testing.T) {
	const monitor = oneKey + "serviceMonitor: {enabled: true}\n"
	const crd = "WARNING: this cluster has no CRD monitoring.coreos.com/v1 "
	operator := cluster{kubeVersion, []string{"monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PodMonitor", "monitoring.coreos.com/v1/PrometheusRule"}}
	for _, each := range []struct {
		cluster      cluster
		values       string
		said, unsaid string
	}{
		{usualCluster, oneKey, "Nothing scrapes it yet: set serviceMonitor.enabled=true", "WARNING"},
		{usualCluster, oneKey, "mdcloud-mdcloud-exporter.security.svc:10580", crd},
		{usualCluster, oneKey, "helm test mdcloud --namespace security", "WARNING"},
		{usualCluster, monitor, crd + "ServiceMonitor: install the Prometheus operator.", "Nothing scrapes it yet"},
		{operator, monitor, "its labels (serviceMonitor.labels) are not what your Prometheus selects", "WARNING"},
		{usualCluster, oneKey + "podMonitor: {enabled: true}", crd + "PodMonitor: install the Prometheus operator.", "ServiceMonitor"},
		{operator, oneKey + "podMonitor: {enabled: true}", "its labels (podMonitor.labels)", "WARNING"},
		{usualCluster, withRules, crd + "PrometheusRule: install the Prometheus operator.", "ServiceMonitor:"},
		{operator, withRules, "Nothing scrapes it yet", "WARNING"},
		{operator, "keys: {lab: {value: a}}", "WARNING: these apikeys are given in the values", "The pod starts only when"},
		{operator, oneKey + "replicas: 0", "WARNING: replicas is 0: nothing is watched.", "times for every key"},
		{operator, sidecarMode, "Nothing scrapes it yet: set podMonitor.enabled=true", "helm test"},
		{operator, oneKey + "webConfig: {existingSecret: web}", `Secret "web", which needs the entry web.yml`, "curl -s http:"},
		{operator, "config: {existingConfigMap: own}", `ConfigMap "own" in namespace security has the entry config.yaml`, "MetaDefender Cloud:"},
	} {
		for _, helm := range helms() {
			notes := renderOn(t, helm, each.cluster, values(t, each.values)).notes
			if !strings.Contains(notes, each.said) || strings.Contains(notes, each.unsaid) {
				t.Errorf("%s: %s: has to say %q and not %q:\n%s", helm.name, each.values, each.said, each.unsaid, notes)
			}
			if strings.HasPrefix(notes, "\n") || strings.Contains(notes, "\n\n\n") {
				t.Errorf("%s: %s: empty lines:\n%s", helm.name, each.values, notes)
			}
		}
	}
}
