{{- define "mdcloud-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Aliases and names of releases may have capitals and dots, a Service may not. */}}
{{- define "mdcloud-exporter.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- regexReplaceAll "[^a-z0-9-]" (default $full .Values.fullnameOverride | lower) "-" | trunc 58 | trimSuffix "-" }}
{{- end }}

{{- define "mdcloud-exporter.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "mdcloud-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mdcloud-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of an object: more, given as a map, never replace those that objects are selected by. */}}
{{- define "mdcloud-exporter.labelsWith" -}}
{{- $labels := include "mdcloud-exporter.selectorLabels" .root | fromYaml }}
{{- $_ := set $labels "app.kubernetes.io/component" "exporter" }}
{{- $_ := set $labels "app.kubernetes.io/part-of" "mdcloud-exporter" }}
{{- $_ := set $labels "app.kubernetes.io/version" (.root.Chart.AppVersion | replace "+" "_" | trunc 63) }}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .root.Release.Service }}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- toYaml (merge $labels (default dict .more) (default dict .root.Values.commonLabels)) }}
{{- end }}

{{- define "mdcloud-exporter.labels" -}}
{{- include "mdcloud-exporter.labelsWith" (dict "root" . "more" dict) }}
{{- end }}

{{- /* What the pod of `helm test` has in place of the selected labels: no Service and no policy may take it for an exporter. */}}
{{- define "mdcloud-exporter.testLabels" -}}
app.kubernetes.io/name: {{ include "mdcloud-exporter.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The metadata of an object: root, and name, namespace, labels and annotations where they are not the common ones. */}}
{{- define "mdcloud-exporter.metadata" -}}
name: {{ default (include "mdcloud-exporter.fullname" .root) .name }}
namespace: {{ default (include "mdcloud-exporter.namespace" .root) .namespace }}
labels:
  {{- include "mdcloud-exporter.labelsWith" (dict "root" .root "more" .labels) | nindent 2 }}
{{- with merge dict (default dict .annotations) (default dict .root.Values.commonAnnotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* A StatefulSet keeps numbers and volumes for its pods, and never has two of one number at a time. */}}
{{- define "mdcloud-exporter.stateful" -}}
{{- if or .Values.storage.enabled (gt (int .Values.shards) 1) }}true{{ end }}
{{- end }}

{{- /* Kubernetes puts it into a label, with eleven characters more. */}}
{{- define "mdcloud-exporter.statefulSetName" -}}
{{- include "mdcloud-exporter.fullname" . | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "mdcloud-exporter.serviceAccountName" -}}
{{- $made := ternary (include "mdcloud-exporter.fullname" .) "default" .Values.serviceAccount.create }}
{{- default $made .Values.serviceAccount.name }}
{{- end }}

{{- define "mdcloud-exporter.image" -}}
{{- $registry := default .Values.image.registry (.Values.global).imageRegistry }}
{{- if $registry }}{{ $registry }}/{{ end }}
{{- .Values.image.repository }}
{{- if or .Values.image.tag (not .Values.image.digest) }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ end }}
{{- end }}

{{- /* Names and maps alike, as the list of maps that Kubernetes wants, each name once. */}}
{{- define "mdcloud-exporter.imagePullSecrets" -}}
{{- $names := list }}
{{- range concat (default list .Values.imagePullSecrets) (default list (.Values.global).imagePullSecrets) }}
{{- $names = append $names (ternary . (get (ternary dict . (kindIs "string" .)) "name") (kindIs "string" .)) }}
{{- end }}
{{- range uniq $names }}
- name: {{ . }}
{{- end }}
{{- end }}
