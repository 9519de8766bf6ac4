package chart

import (
	"fmt"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Objects are the rendered documents, decoded so that a field Kubernetes does not know is an error.
type objects struct {
	deployment     *appsv1.Deployment  // or, of a StatefulSet, what both have
	statefulSet    *appsv1.StatefulSet // else null
	service        *corev1.Service
	serviceAccount *corev1.ServiceAccount
	configMap      *corev1.ConfigMap
	secret         *corev1.Secret // with the apikeys given inline
	configSecret   *corev1.Secret
	serviceMonitor *monitoringv1.ServiceMonitor
	podMonitor     *monitoringv1.PodMonitor
	networkPolicy  *networkingv1.NetworkPolicy
	budget         *policyv1.PodDisruptionBudget
	testPod        *corev1.Pod
	rule           *monitoringv1.PrometheusRule
	dashboards     *corev1.ConfigMap
	notes          string
	extra          []*unstructured.Unstructured // extraManifests
	text           map[string]string            // of each kind
}

func decode(rendered map[string]string) (*objects, error) {
	all := &objects{notes: rendered["NOTES.txt"], text: map[string]string{}}
	for file, text := range rendered {
		if file == "NOTES.txt" || strings.TrimSpace(text) == "" {
			continue
		}
		for _, document := range strings.Split("\n"+text, "\n---\n") {
			if strings.TrimSpace(document) == "" {
				continue
			}
			add := all.add
			if file == "extra.yaml" {
				add = all.addExtra
			}
			if err := add(document); err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", file, err, document)
			}
		}
	}
	return all, nil
}

// The versions that every Kubernetes from 1.25 on has, and the operator's.
var apiVersions = map[string]string{
	"Deployment": "apps/v1", "StatefulSet": "apps/v1", "Service": "v1", "ServiceAccount": "v1", "ConfigMap": "v1", "Secret": "v1", "Pod": "v1",
	"NetworkPolicy": "networking.k8s.io/v1", "PodDisruptionBudget": "policy/v1",
	"ServiceMonitor": "monitoring.coreos.com/v1", "PodMonitor": "monitoring.coreos.com/v1", "PrometheusRule": "monitoring.coreos.com/v1",
}

func (all *objects) addExtra(document string) error {
	object := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(document), &object.Object); err != nil {
		return err
	}
	all.extra = append(all.extra, object)
	return nil
}

func (all *objects) add(document string) error {
	var meta struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
		return err
	}
	if want := apiVersions[meta.Kind]; meta.APIVersion != want {
		return fmt.Errorf("%s of %q, not of %q", meta.Kind, meta.APIVersion, want)
	}
	if strings.HasSuffix(meta.Metadata.Name, "-dashboards") {
		meta.Kind = "dashboards"
	}
	if meta.Kind == "Secret" && !strings.HasSuffix(meta.Metadata.Name, "-keys") {
		meta.Kind = "configuration"
	}
	if _, twice := all.text[meta.Kind]; twice {
		return fmt.Errorf("a second %s", meta.Kind)
	}
	all.text[meta.Kind] = document
	switch meta.Kind {
	case "Deployment":
		return decodeInto(document, &all.deployment)
	case "StatefulSet":
		if err := decodeInto(document, &all.statefulSet); err != nil {
			return err
		}
		spec := all.statefulSet.Spec
		all.deployment = &appsv1.Deployment{ObjectMeta: all.statefulSet.ObjectMeta, Spec: appsv1.DeploymentSpec{
			Replicas: spec.Replicas, Selector: spec.Selector, Template: spec.Template, Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}}}
		return nil
	case "Service":
		return decodeInto(document, &all.service)
	case "ServiceAccount":
		return decodeInto(document, &all.serviceAccount)
	case "ConfigMap":
		return decodeInto(document, &all.configMap)
	case "Secret":
		return decodeInto(document, &all.secret)
	case "configuration":
		return decodeInto(document, &all.configSecret)
	case "PodMonitor":
		return decodeInto(document, &all.podMonitor)
	case "NetworkPolicy":
		return decodeInto(document, &all.networkPolicy)
	case "PodDisruptionBudget":
		return decodeInto(document, &all.budget)
	case "Pod":
		return decodeInto(document, &all.testPod)
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

// The text of config.yaml, wherever the chart has put it.
func (all *objects) config() string {
	if all.configSecret != nil {
		return all.configSecret.StringData["config.yaml"]
	}
	if all.configMap != nil {
		return all.configMap.Data["config.yaml"]
	}
	return ""
}
