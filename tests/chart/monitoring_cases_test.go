package chart

import (
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
)

func checkMonitor(t reporter, all *objects) {
	monitor := all.serviceMonitor
	equal(t, "its namespace", monitor.Namespace, "monitoring")
	equal(t, "namespace of the others", all.deployment.Namespace, "watchers")
	equal(t, "namespaces looked in", strings.Join(monitor.Spec.NamespaceSelector.MatchNames, " "), all.service.Namespace)
	equal(t, "label release", monitor.Labels["release"], "kube-prometheus-stack")
	endpoint := monitor.Spec.Endpoints[0]
	equal(t, "interval", endpoint.Interval, "2m")
	equal(t, "timeout", endpoint.ScrapeTimeout, "20s")
	equal(t, "scheme", endpoint.Scheme, nil)
	same(t, "token", endpoint.Authorization, "{credentials: {name: mdcloud-scraper, key: token}}")
	equal(t, "labels of the target win", endpoint.HonorLabels, false)
	checkRelabelings(t, endpoint.RelabelConfigs, endpoint.MetricRelabelConfigs)
	equal(t, "jobLabel, which names a label and is not used", monitor.Spec.JobLabel, "")
	equal(t, "samples", *monitor.Spec.SampleLimit, 2000000)
	equal(t, "labels", *monitor.Spec.LabelLimit, 40)
	equal(t, "class", *monitor.Spec.ScrapeClassName, "own")
	equal(t, "protocol", *monitor.Spec.FallbackScrapeProtocol, monitoringv1.PrometheusText0_0_4)
}

func checkPodMonitor(t reporter, all *objects) {
	monitor := all.podMonitor
	equal(t, "its namespace", monitor.Namespace, "monitoring")
	equal(t, "namespaces looked in", strings.Join(monitor.Spec.NamespaceSelector.MatchNames, " "), all.deployment.Namespace)
	equal(t, "label release", monitor.Labels["release"], "kube-prometheus-stack")
	endpoint := monitor.Spec.PodMetricsEndpoints[0]
	equal(t, "port", *endpoint.Port, all.deployment.Spec.Template.Spec.Containers[0].Ports[0].Name)
	equal(t, "interval", endpoint.Interval, "2m")
	equal(t, "timeout", endpoint.ScrapeTimeout, "20s")
	equal(t, "scheme", strings.ToLower(endpoint.Scheme.String()), "https")
	equal(t, "verification", *endpoint.TLSConfig.InsecureSkipVerify, true)
	same(t, "token", endpoint.Authorization, "{credentials: {name: mdcloud-scraper, key: token}}")
	equal(t, "labels of the target win", endpoint.HonorLabels, false)
	checkRelabelings(t, endpoint.RelabelConfigs, endpoint.MetricRelabelConfigs)
	equal(t, "jobLabel, which names a label and is not used", monitor.Spec.JobLabel, "")
	equal(t, "samples", *monitor.Spec.SampleLimit, 2000000)
	equal(t, "labels", *monitor.Spec.LabelLimit, 40)
	equal(t, "class", *monitor.Spec.ScrapeClassName, "own")
	equal(t, "protocol", *monitor.Spec.FallbackScrapeProtocol, monitoringv1.PrometheusText0_0_4)
	if strings.Contains(all.notes, "Nothing scrapes it yet") || !strings.Contains(all.notes, "podMonitor.labels") {
		t.Errorf("the notes do not know the PodMonitor: %s", all.notes)
	}
}

func checkRelabelings(t reporter, target, metric []monitoringv1.RelabelConfig) {
	same(t, "relabelings", target, `
- {targetLabel: job, replacement: mdcloud-exporter}
- {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node}`)
	same(t, "metric relabelings", metric, "[{sourceLabels: [__name__], regex: go_.*, action: drop}]")
}

func checkWebConfig(t reporter, all *objects) {
	spec := all.deployment.Spec.Template.Spec
	container := spec.Containers[0]
	args := strings.Join(container.Args, " ")
	for _, want := range []string{"--web.config.file=/etc/mdcloud/web/web.yml", "--probe.listen-address=:10581"} {
		if !strings.Contains(args, want) {
			t.Errorf("%s is not among %s", want, args)
		}
	}
	equal(t, "name of the second port", container.Ports[1].Name, "probes")
	equal(t, "second port", container.Ports[1].ContainerPort, 10581)
	equal(t, "ports of the Service", len(all.service.Spec.Ports), 2)
	equal(t, "port for helm test", all.service.Spec.Ports[1].Port, 10581)
	equal(t, "what helm test asks", last(all.testPod.Spec.Containers[0].Args),
		"http://mdcloud-mdcloud-exporter.security.svc:10581/-/ready")
	equal(t, "liveness at", container.LivenessProbe.HTTPGet.Port.StrVal, "probes")
	equal(t, "readiness at", container.ReadinessProbe.HTTPGet.Port.StrVal, "probes")
	mounted := slices.IndexFunc(container.VolumeMounts, func(mount corev1.VolumeMount) bool {
		return mount.MountPath == "/etc/mdcloud/web" && mount.ReadOnly
	})
	volume := slices.IndexFunc(spec.Volumes, func(volume corev1.Volume) bool { return volume.Name == "web" })
	if mounted < 0 || volume < 0 {
		t.Fatal("the Secret is not mounted")
	}
	equal(t, "the Secret", spec.Volumes[volume].Secret.SecretName, "mdcloud-web")
	endpoint := all.serviceMonitor.Spec.Endpoints[0]
	if scheme := string(*endpoint.Scheme); !strings.EqualFold(scheme, "https") {
		t.Errorf("scheme is %s", scheme)
	}
	same(t, "whom Prometheus trusts", endpoint.TLSConfig,
		"{ca: {configMap: {name: ca, key: ca.crt}}, cert: {}, serverName: mdcloud-mdcloud-exporter.security.svc}")
	same(t, "user", endpoint.BasicAuth,
		"{username: {name: mdcloud-scraper, key: username}, password: {name: mdcloud-scraper, key: password}}")
	if !strings.Contains(all.notes, `Secret "mdcloud-web", which needs the entry web.yml`) {
		t.Errorf("the notes do not name the Secret: %s", all.notes)
	}
}

func checkWebConfigWithoutTLS(t reporter, all *objects) {
	equal(t, "scheme", all.serviceMonitor.Spec.Endpoints[0].Scheme, nil)
	equal(t, "ports let in for Prometheus", portsOf(all.networkPolicy.Spec.Ingress[0].Ports), "TCP 10580")
	equal(t, "ports let in for helm test", portsOf(all.networkPolicy.Spec.Ingress[1].Ports), "TCP 10581")
	equal(t, "probe", all.deployment.Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet.Port.StrVal, "probes")
	if !strings.Contains(all.notes, "curl -s http://127.0.0.1:10580/metrics") {
		t.Errorf("the notes ask by https: %s", all.notes)
	}
}
