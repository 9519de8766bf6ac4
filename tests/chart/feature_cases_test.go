package chart

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

func last(texts []string) string { return texts[len(texts)-1] }

func volumeNamed(spec corev1.PodSpec, name string) *corev1.Volume {
	for i := range spec.Volumes {
		if spec.Volumes[i].Name == name {
			return &spec.Volumes[i]
		}
	}
	return nil
}

// projectedFiles says which entry of what becomes which file of a projected volume.
func projectedFiles(volume *corev1.Volume) map[string]string {
	files := map[string]string{}
	if volume == nil || volume.Projected == nil {
		return files
	}
	for _, source := range volume.Projected.Sources {
		kind, name, items := "", "", []corev1.KeyToPath(nil)
		if source.Secret != nil {
			kind, name, items = "secret", source.Secret.Name, source.Secret.Items
		} else {
			kind, name, items = "configMap", source.ConfigMap.Name, source.ConfigMap.Items
		}
		for _, item := range items {
			files[item.Path] = kind + " " + name + ":" + item.Key
		}
	}
	return files
}

func checkAllowReplicas(t reporter, all *objects) {
	equal(t, "replicas", *all.deployment.Spec.Replicas, 3)
	equal(t, "available", all.budget.Spec.MinAvailable.String(), "1")
	equal(t, "unavailable", all.budget.Spec.MaxUnavailable, nil)
	if !strings.Contains(all.notes, "WARNING: 3 replicas ask the vendor 3 times for every key.") {
		t.Errorf("the notes do not warn: %s", all.notes)
	}
}

func checkBudgetOfShare(t reporter, all *objects) {
	equal(t, "replicas", *all.deployment.Spec.Replicas, 4)
	equal(t, "unavailable", all.budget.Spec.MaxUnavailable.String(), "50%")
	equal(t, "available", all.budget.Spec.MinAvailable, nil)
}

func checkCommonAnnotations(t reporter, all *objects) {
	for what, annotations := range map[string]map[string]string{
		"deployment": all.deployment.Annotations, "pod": all.deployment.Spec.Template.Annotations,
		"service": all.service.Annotations, "config": all.configMap.Annotations, "secret": all.secret.Annotations,
		"account": all.serviceAccount.Annotations, "monitor": all.serviceMonitor.Annotations,
		"policy": all.networkPolicy.Annotations, "rule": all.rule.Annotations, "dashboards": all.dashboards.Annotations, "budget": all.budget.Annotations, "test": all.testPod.Annotations} {
		equal(t, "annotation of the "+what, annotations["example.com/owner"], "soc")
	}
}

func checkConfigInSecret(t reporter, all *objects) {
	if all.configMap != nil {
		t.Error("there is a ConfigMap, too")
	}
	equal(t, "the volume", volumeNamed(all.deployment.Spec.Template.Spec, "config").Secret.SecretName, all.configSecret.Name)
	if !strings.Contains(all.config(), "apikey_file: /etc/mdcloud/keys/production") {
		t.Errorf("config.yaml is %s", all.config())
	}
}

func checkExistingConfigMap(t reporter, all *objects) {
	if all.configMap != nil {
		t.Error("a ConfigMap is made")
	}
	spec := all.deployment.Spec.Template.Spec
	equal(t, "the volume", volumeNamed(spec, "config").ConfigMap.Name, "team-config")
	equal(t, "apikeys", projectedFiles(volumeNamed(spec, "keys"))["production"], "secret metadefender:production")
	if !strings.Contains(all.notes, `ConfigMap "team-config" in namespace security has the entry config.yaml`) {
		t.Errorf("the notes do not name it: %s", all.notes)
	}
}

func checkExistingConfigSecret(t reporter, all *objects) {
	if all.configMap != nil || all.configSecret != nil {
		t.Error("a configuration is made")
	}
	spec := all.deployment.Spec.Template.Spec
	equal(t, "the volume", volumeNamed(spec, "config").Secret.SecretName, "team-config")
	equal(t, "volumes", len(spec.Volumes), 1)
	if !strings.Contains(all.notes, `Secret "team-config" in namespace security has the entry config.yaml`) {
		t.Errorf("the notes do not name it: %s", all.notes)
	}
}

func checkConnections(t reporter, all *objects) {
	want := `global:
  proxy_credentials_file: /etc/mdcloud/connections/global/proxy
  proxy_url: https://proxy.example.com:3129
  tls_config:
    ca_file: /etc/mdcloud/connections/global/ca.crt
    cert_file: /etc/mdcloud/connections/global/tls.crt
    key_file: /etc/mdcloud/connections/global/tls.key
    server_name: api.metadefender.com
keys:
- apikey_file: /etc/mdcloud/keys/eu
  name: eu
  proxy_credentials_file: /etc/mdcloud/connections/keys/eu/proxy
  proxy_url: socks5h://socks.example.com:1080
  tls_config:
    ca_file: /etc/mdcloud/connections/keys/eu/ca.crt
    cert_file: /etc/mdcloud/connections/keys/eu/tls.crt
    key_file: /etc/mdcloud/connections/keys/eu/tls.key
    server_name: eu.metadefender.com
- apikey_file: /etc/mdcloud/keys/production
  name: production
`
	if got := all.config(); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("config.yaml is\n%s", got)
	}
	spec := all.deployment.Spec.Template.Spec
	volume := volumeNamed(spec, "connections")
	files := projectedFiles(volume)
	for path, from := range map[string]string{
		"global/proxy":    "secret proxy-login:login",
		"global/ca.crt":   "configMap company-ca:bundle.pem",
		"global/tls.crt":  "secret vendor-client:tls.crt",
		"global/tls.key":  "secret vendor-client:tls.key",
		"keys/eu/proxy":   "secret socks-login:login",
		"keys/eu/ca.crt":  "secret eu-ca:ca.crt",
		"keys/eu/tls.crt": "secret eu-client:tls.crt",
		"keys/eu/tls.key": "secret eu-client:tls.key",
	} {
		equal(t, path, files[path], from)
	}
	equal(t, "files", len(files), 8)
	equal(t, "mode", *volume.Projected.DefaultMode, 0o440)
	keys := projectedFiles(volumeNamed(spec, "keys"))
	equal(t, "apikey of production", keys["production"], "secret metadefender:production")
	equal(t, "apikey of eu", keys["eu"], "secret metadefender:eu")
}

func checkKeyDirectory(t reporter, all *objects) {
	want := `key_directories:
- path: /etc/mdcloud/key-directories/labs
- labels:
    team: soc
  path: /etc/mdcloud/key-directories/tenants
  scrape_interval: 10m
  tls_config:
    ca_file: /etc/mdcloud/connections/key-directories/tenants/ca.crt
`
	if got := all.config(); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("config.yaml is\n%s", got)
	}
	spec := all.deployment.Spec.Template.Spec
	volume := volumeNamed(spec, "keys-tenants")
	equal(t, "Secret of tenants", volume.Secret.SecretName, "metadefender-tenants")
	equal(t, "entries chosen", len(volume.Secret.Items), 0)
	equal(t, "mode", *volume.Secret.DefaultMode, 0o440)
	equal(t, "Secret of labs", volumeNamed(spec, "keys-labs").Secret.SecretName, "metadefender-labs")
	equal(t, "authority", projectedFiles(volumeNamed(spec, "connections"))["key-directories/tenants/ca.crt"], "configMap tenants-ca:ca.crt")
	mounts := map[string]string{}
	for _, mount := range spec.Containers[0].VolumeMounts {
		mounts[mount.MountPath] = mount.Name
	}
	equal(t, "mount of tenants", mounts["/etc/mdcloud/key-directories/tenants"], "keys-tenants")
	equal(t, "mount of labs", mounts["/etc/mdcloud/key-directories/labs"], "keys-labs")
	if !strings.Contains(all.notes, `Secret "metadefender-tenants" in namespace security; each of its entries is a key`) {
		t.Errorf("the notes do not name the Secret: %s", all.notes)
	}
}

func checkDualStack(t reporter, all *objects) {
	equal(t, "policy", *all.service.Spec.IPFamilyPolicy, corev1.IPFamilyPolicyPreferDualStack)
	equal(t, "families", len(all.service.Spec.IPFamilies), 2)
	equal(t, "first family", all.service.Spec.IPFamilies[0], corev1.IPv6Protocol)
	equal(t, "second family", all.service.Spec.IPFamilies[1], corev1.IPv4Protocol)
	equal(t, "type", all.service.Spec.Type, corev1.ServiceTypeNodePort)
}

func checkExtraContainers(t reporter, all *objects) {
	spec := all.deployment.Spec.Template.Spec
	for what, container := range map[string]corev1.Container{"wait": spec.InitContainers[0], "helper": spec.Containers[1]} {
		equal(t, "container", container.Name, what)
		equal(t, "image of "+what, container.Image, "registry.example.com/"+what+":1")
		equal(t, "escalation of "+what, *container.SecurityContext.AllowPrivilegeEscalation, false)
		equal(t, "capabilities dropped by "+what, container.SecurityContext.Capabilities.Drop[0], "ALL")
	}
	equal(t, "environment", spec.Containers[0].EnvFrom[0].ConfigMapRef.Name, "site-environment")
}

func checkExtraManifests(t reporter, all *objects) {
	equal(t, "objects", len(all.extra), 2)
	scaler, policy := all.extra[0], all.extra[1]
	equal(t, "version of the first", scaler.GetAPIVersion(), "autoscaling.k8s.io/v1")
	equal(t, "kind of the first", scaler.GetKind(), "VerticalPodAutoscaler")
	equal(t, "its name", scaler.GetName(), all.deployment.Name)
	target := scaler.Object["spec"].(map[string]any)["targetRef"].(map[string]any)
	equal(t, "its target", target["apiVersion"].(string)+" "+target["kind"].(string)+" "+target["name"].(string), "apps/v1 Deployment "+all.deployment.Name)
	equal(t, "kind of the second", policy.GetKind(), "CiliumNetworkPolicy")
	selector := policy.Object["spec"].(map[string]any)["endpointSelector"].(map[string]any)["matchLabels"].(map[string]any)
	equal(t, "whom it selects", selector["app.kubernetes.io/instance"].(string), releaseName)
}

func checkExtraManifestsList(t reporter, all *objects) {
	equal(t, "objects", len(all.extra), 2)
	equal(t, "the first", all.extra[0].GetAPIVersion()+" "+all.extra[0].GetKind()+" "+all.extra[0].GetName(), "v1 LimitRange mdcloud-limits")
	equal(t, "the second", all.extra[1].GetKind()+" "+all.extra[1].GetName(), "ResourceQuota mdcloud-quota")
}

func portsOf(ports []networkingv1.NetworkPolicyPort) string {
	var texts []string
	for _, port := range ports {
		texts = append(texts, string(*port.Protocol)+" "+port.Port.String())
	}
	return strings.Join(texts, ", ")
}

func checkNetworkPolicy(t reporter, all *objects) {
	equal(t, "port of the Service", all.service.Spec.Ports[0].Port, 80)
	policy := all.networkPolicy.Spec
	equal(t, "directions", len(policy.PolicyTypes), 2)
	equal(t, "who may scrape", len(policy.Ingress[0].From), 0)
	equal(t, "port of the pod", portsOf(policy.Ingress[0].Ports), "TCP 10580")
	equal(t, "names are looked up", portsOf(policy.Egress[0].Ports), "UDP 53, TCP 53")
	equal(t, "the vendor's port", portsOf(policy.Egress[1].Ports), "TCP 443")
	equal(t, "IPv4", policy.Egress[1].To[0].IPBlock.CIDR, "0.0.0.0/0")
	equal(t, "IPv6", policy.Egress[1].To[1].IPBlock.CIDR, "::/0")
}

func checkNetworkPolicyPeers(t reporter, all *objects) {
	policy := all.networkPolicy.Spec
	equal(t, "who may scrape", policy.Ingress[0].From[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"], "monitoring")
	equal(t, "what may be asked", len(policy.Egress[1].To), 1)
	equal(t, "the network", policy.Egress[1].To[0].IPBlock.CIDR, "10.20.0.0/16")
	equal(t, "ports of base URL and proxy", portsOf(policy.Egress[1].Ports), "TCP 8443, TCP 3128")
}

func checkNetworkPolicyPorts(t reporter, all *objects) {
	equal(t, "ports", portsOf(all.networkPolicy.Spec.Egress[1].Ports), "TCP 3128, TCP 1080")
	equal(t, "ports of DNS", portsOf(all.networkPolicy.Spec.Egress[0].Ports), "UDP 5353, TCP 5353")
}

func checkSidecar(t reporter, all *objects) {
	if all.deployment != nil || all.service != nil || all.serviceAccount != nil || all.testPod != nil {
		t.Error("there are objects of a pod of its own")
	}
	equal(t, "apikey given inline", string(all.secret.Data["lab"]), "5e0f7f1ca5b44e2f8d3e7b7f4fd2a9c1")
	want := `global:
  scrape_interval: 5m
keys:
- apikey_file: /etc/mdcloud/keys/lab
  name: lab
- apikey_file: /etc/mdcloud/keys/production
  name: production
`
	if got := all.config(); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("config.yaml is\n%s", got)
	}
	equal(t, "pods", all.podMonitor.Spec.Selector.MatchLabels["app"], "shop")
	equal(t, "port", *all.podMonitor.Spec.PodMetricsEndpoints[0].Port, "mdcloud-metrics")
	if !strings.Contains(all.notes, "Each of these pods asks the vendor for every key.") || strings.Contains(all.notes, "port-forward") {
		t.Errorf("the notes are not about sidecars: %s", all.notes)
	}
}
