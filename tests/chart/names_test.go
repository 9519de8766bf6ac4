package chart

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// What Kubernetes' types do not say, but its validation.
func validMeta(t *testing.T, what string, meta metav1.ObjectMeta) {
	t.Helper()
	// A Service's name is the strictest of all.
	for _, problem := range validation.IsDNS1035Label(meta.Name) {
		t.Errorf("%s %q: %s", what, meta.Name, problem)
	}
	for name, value := range meta.Labels {
		for _, problem := range append(validation.IsQualifiedName(name), validation.IsValidLabelValue(value)...) {
			t.Errorf("%s: label %s=%s: %s", what, name, value, problem)
		}
	}
}

func validPod(t *testing.T, spec corev1.PodSpec) {
	t.Helper()
	for _, volume := range spec.Volumes {
		for _, problem := range validation.IsDNS1123Label(volume.Name) {
			t.Errorf("volume %q: %s", volume.Name, problem)
		}
	}
	for _, container := range append(append([]corev1.Container{}, spec.InitContainers...), spec.Containers...) {
		for _, port := range container.Ports {
			for _, problem := range validation.IsValidPortName(port.Name) {
				t.Errorf("port %q: %s", port.Name, problem)
			}
		}
	}
}

func TestNamesAreValid(t *testing.T) {
	long := strings.Repeat("a-", 40)
	for _, helm := range helms() {
		for text, given := range map[string]map[string]any{
			"usual":     values(t, oneKey+"webConfig: {existingSecret: a}"),
			"long":      values(t, "{fullnameOverride: "+long+", nameOverride: "+long+", networkPolicy: {enabled: true}, keys: {lab: {value: a}}}"),
			"alias":     values(t, "{nameOverride: cloudQuotas.v1, keys: {lab: {value: a}}}"),
			"name":      values(t, "{fullnameOverride: Cloud.Quotas, keys: {lab: {value: a}}}"),
			"long keys": values(t, "{keys: {"+strings.Repeat("a", 128)+": {value: a}}, keyDirectories: {"+strings.Repeat("a", 40)+": {existingSecret: a}}}"),
		} {
			all := render(t, helm, given)
			validMeta(t, text+" deployment", all.deployment.ObjectMeta)
			validMeta(t, text+" service", all.service.ObjectMeta)
			validMeta(t, text+" test", all.testPod.ObjectMeta)
			validMeta(t, text+" configuration", all.configMap.ObjectMeta)
			validMeta(t, text+" account", all.serviceAccount.ObjectMeta)
			if all.secret != nil {
				validMeta(t, text+" secret", all.secret.ObjectMeta)
			}
			if selects(all.service.Spec.Selector, all.testPod.Labels) {
				t.Errorf("%s: the Service selects the pod of helm test", text)
			}
			validPod(t, all.deployment.Spec.Template.Spec)
		}
		deployment, _ := renderApplication(t, helm, "quotas: {webConfig: {existingSecret: a}, keyDirectories: {"+strings.Repeat("a", 40)+": {existingSecret: a}}}")
		validPod(t, deployment.Spec.Template.Spec)
	}
}

// A list of names is a map to Kubernetes: a second one of the same name is refused by server-side apply.
func TestSharedPullSecretIsNamedOnce(t *testing.T) {
	for _, helm := range helms() {
		all := render(t, helm, values(t, oneKey+"imagePullSecrets: [shared, {name: own}]\nglobal: {imagePullSecrets: [{name: shared}, other]}\n"))
		same(t, "pull secrets", all.deployment.Spec.Template.Spec.ImagePullSecrets, "[{name: shared}, {name: own}, {name: other}]")
		same(t, "pull secrets of helm test", all.testPod.Spec.ImagePullSecrets, "[{name: shared}, {name: own}, {name: other}]")
	}
}
