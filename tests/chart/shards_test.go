package chart

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func variableNamed(container corev1.Container, name string) *corev1.EnvVar {
	for i := range container.Env {
		if container.Env[i].Name == name {
			return &container.Env[i]
		}
	}
	return nil
}

func mountNamed(container corev1.Container, name string) *corev1.VolumeMount {
	for i := range container.VolumeMounts {
		if container.VolumeMounts[i].Name == name {
			return &container.VolumeMounts[i]
		}
	}
	return nil
}

func checkShards(t reporter, all *objects) {
	if all.statefulSet == nil {
		t.Errorf("there is no StatefulSet")
		return
	}
	spec := all.statefulSet.Spec
	equal(t, "pods", *spec.Replicas, 3)
	equal(t, "the Service of the pods", spec.ServiceName, all.service.Name)
	equal(t, "nobody waits", spec.PodManagementPolicy, appsv1.ParallelPodManagement)
	equal(t, "claims", len(spec.VolumeClaimTemplates), 0)
	container := spec.Template.Spec.Containers[0]
	index := variableNamed(container, "MDCLOUD_EXPORTER_SHARD")
	if index == nil || index.ValueFrom == nil || index.ValueFrom.FieldRef == nil {
		t.Errorf("the pod does not know its number: %v", container.Env)
		return
	}
	equal(t, "the number", index.ValueFrom.FieldRef.FieldPath, "metadata.labels['apps.kubernetes.io/pod-index']")
	equal(t, "the total", variableNamed(container, "MDCLOUD_EXPORTER_TOTAL_SHARDS").Value, "3")
	equal(t, "another variable", variableNamed(container, "TZ").Value, "UTC")
	equal(t, "away at a time", all.budget.Spec.MaxUnavailable.String(), "1")
	equal(t, "no token", *spec.Template.Spec.AutomountServiceAccountToken, false)
	if !strings.Contains(all.notes, "divided among 3 pods") {
		t.Errorf("the notes do not tell of them: %s", all.notes)
	}
}

func checkStorage(t reporter, all *objects) {
	if all.statefulSet == nil || len(all.statefulSet.Spec.VolumeClaimTemplates) != 1 {
		t.Errorf("there is no claim for each pod")
		return
	}
	spec := all.statefulSet.Spec
	claim := spec.VolumeClaimTemplates[0]
	equal(t, "size", claim.Spec.Resources.Requests.Storage().String(), "64Mi")
	equal(t, "class", *claim.Spec.StorageClassName, "fast")
	equal(t, "access", claim.Spec.AccessModes[0], corev1.ReadWriteOncePod)
	equal(t, "annotation", claim.Annotations["example.com/backup"], "never")
	container := spec.Template.Spec.Containers[0]
	mount := mountNamed(container, claim.Name)
	if mount == nil {
		t.Errorf("the claim %s is not mounted", claim.Name)
		return
	}
	equal(t, "writable", mount.ReadOnly, false)
	if !slices.Contains(container.Args, "--storage.path="+mount.MountPath) {
		t.Errorf("it is not used: %v", container.Args)
	}
	equal(t, "the group that may write", *spec.Template.Spec.SecurityContext.FSGroup, 65532)
	equal(t, "the total", variableNamed(container, "MDCLOUD_EXPORTER_TOTAL_SHARDS").Value, "2")
}

func checkExistingClaim(t reporter, all *objects) {
	if all.statefulSet == nil {
		t.Errorf("there is no StatefulSet")
		return
	}
	spec := all.statefulSet.Spec
	equal(t, "claims of the chart", len(spec.VolumeClaimTemplates), 0)
	volume := volumeNamed(spec.Template.Spec, "state")
	if volume == nil || volume.PersistentVolumeClaim == nil {
		t.Errorf("there is no volume of a claim")
		return
	}
	equal(t, "the claim", volume.PersistentVolumeClaim.ClaimName, "mdcloud-state")
	equal(t, "pods", *spec.Replicas, 1)
	if variableNamed(spec.Template.Spec.Containers[0], "MDCLOUD_EXPORTER_SHARD") != nil {
		t.Errorf("one pod is no shard")
	}
}

// What Kubernetes does not let be changed stays as it is with another number of shards.
func TestAnotherNumberOfShardsIsAnUpgrade(t *testing.T) {
	for _, helm := range helms() {
		with := func(shards string) appsv1.StatefulSetSpec {
			return render(t, helm, values(t, oneKey+"storage: {enabled: true}\nshards: "+shards+"\n")).statefulSet.Spec
		}
		before, after := with("3"), with("4")
		equal(t, "pods", *after.Replicas, 4)
		before.Replicas, before.Template = after.Replicas, after.Template
		if before.String() != after.String() {
			t.Errorf("%s: from\n%s\nto\n%s", helm.name, before.String(), after.String())
		}
	}
}

// A label of the pods has the name of the StatefulSet and a hash of ten characters.
func TestTheNameOfAStatefulSetLeavesRoomForAHash(t *testing.T) {
	for _, helm := range helms() {
		all := render(t, helm, values(t, oneKey+"shards: 2\nfullnameOverride: "+strings.Repeat("a", 60)+"\n"))
		if got := len(all.statefulSet.Name); got > 52 {
			t.Errorf("%s: the name has %d characters", helm.name, got)
		}
		equal(t, "the Service of the pods", all.statefulSet.Spec.ServiceName, all.service.Name)
	}
}

// An older kubelet gives a pod no label with its number. No template asks for the version of the cluster but the notes, or
// GitOps would make something else of it.
func TestShardsBeforeTheirKubernetesAreWarnedOf(t *testing.T) {
	for _, helm := range helms() {
		for version, warned := range map[string]bool{"v1.27.16-gke.1": true, "v1.28.0": false, "v1.28.3+k3s1": false} {
			all := renderOn(t, helm, cluster{kubeVersion: version}, values(t, oneKey+"shards: 2\n"))
			equal(t, helm.name+" on "+version, strings.Contains(all.notes, "WARNING: a pod knows its number from Kubernetes 1.28 on"), warned)
		}
	}
}
