package chart

import (
	"fmt"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// Objects are the rendered documents, decoded so that a field Kubernetes does not know is an error.
type objects struct {
	deployment     *appsv1.Deployment
	service        *corev1.Service
	serviceAccount *corev1.ServiceAccount
	configMap      *corev1.ConfigMap
	secret         *corev1.Secret
	serviceMonitor *monitoringv1.ServiceMonitor
	rule           *monitoringv1.PrometheusRule
	dashboards     *corev1.ConfigMap
	notes          string
	text           map[string]string // of each kind
}

func decode(rendered map[string]string) (*objects, error) {
	all := &objects{notes: rendered["NOTES.txt"], text: map[string]string{}}
	for file, text := range rendered {
		if file == "NOTES.txt" || strings.TrimSpace(text) == "" {
			continue
		}
		for _, document := range strings.Split(text, "\n---\n") {
			if err := all.add(document); err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", file, err, document)
			}
		}
	}
	return all, nil
}

func (all *objects) add(document string) error {
	var meta struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
		return err
	}
	if strings.HasSuffix(meta.Metadata.Name, "-dashboards") {
		meta.Kind = "dashboards"
	}
	if _, twice := all.text[meta.Kind]; twice {
		return fmt.Errorf("a second %s", meta.Kind)
	}
	all.text[meta.Kind] = document
	switch meta.Kind {
	case "Deployment":
		return decodeInto(document, &all.deployment)
	case "Service":
		return decodeInto(document, &all.service)
	case "ServiceAccount":
		return decodeInto(document, &all.serviceAccount)
	case "ConfigMap":
		return decodeInto(document, &all.configMap)
	case "Secret":
		return decodeInto(document, &all.secret)
	case "ServiceMonitor":
		return decodeInto(document, &all.serviceMonitor)
	case "dashboards":
		return decodeInto(document, &all.dashboards)
	case "PrometheusRule":
		return decodeInto(document, &all.rule)
	default:
		return fmt.Errorf("unexpected kind %q", meta.Kind)
	}
}

func decodeInto[T any](document string, object **T) error {
	*object = new(T)
	return yaml.UnmarshalStrict([]byte(document), *object)
}
