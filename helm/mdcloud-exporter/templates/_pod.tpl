{{- /* The container of the exporter, as a list: of the chart's own pod, or of a parent chart's with mode: sidecar. */}}
{{- define "mdcloud-exporter.container" -}}
{{- $sidecar := eq .Values.mode "sidecar" }}
{{- $prefix := ternary "mdcloud-" "" $sidecar }}
- name: {{ ternary "mdcloud-exporter" "exporter" $sidecar }}
  image: {{ include "mdcloud-exporter.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  {{- if and $sidecar .Values.sidecar.native }}
  restartPolicy: Always
  {{- end }}
  args:
    - --config.file=/etc/mdcloud/config/config.yaml
    - --config.auto-reload
    - --web.listen-address=:10580
    {{- if .Values.webConfig.existingSecret }}
    - --web.config.file=/etc/mdcloud/web/web.yml
    - --probe.listen-address=:10581
    {{- end }}
    {{- if .Values.storage.enabled }}
    - --storage.path=/var/lib/mdcloud
    {{- end }}
    {{- with .Values.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or .Values.extraEnv (gt (int .Values.shards) 1) }}
  env:
    {{- if gt (int .Values.shards) 1 }}
    - name: MDCLOUD_EXPORTER_SHARD
      valueFrom:
        fieldRef:
          fieldPath: metadata.labels['apps.kubernetes.io/pod-index']
    - name: MDCLOUD_EXPORTER_TOTAL_SHARDS
      value: {{ .Values.shards | quote }}
    {{- end }}
    {{- with .Values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- with .Values.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - name: {{ include "mdcloud-exporter.metricsPort" . }}
      containerPort: 10580
      protocol: TCP
    {{- if .Values.webConfig.existingSecret }}
    - name: {{ $prefix }}probes
      containerPort: 10581
      protocol: TCP
    {{- end }}
  {{- with .Values.livenessProbe }}
  livenessProbe:
    {{- include "mdcloud-exporter.probe" (dict "root" $ "probe" .) | nindent 4 }}
  {{- end }}
  {{- /* A sidecar's readiness would be that of the application. */}}
  {{- if not $sidecar }}
  {{- with .Values.readinessProbe }}
  readinessProbe:
    {{- include "mdcloud-exporter.probe" (dict "root" $ "probe" .) | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- with default (ternary (dict "requests" (dict "cpu" "10m" "memory" "32Mi")) dict $sidecar) .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- /* The pod of a sidecar may have no security context of its own, or another user. */}}
  {{- $ofPod := pick (default dict .Values.podSecurityContext) "runAsNonRoot" "runAsUser" "runAsGroup" "seccompProfile" }}
  {{- with merge (deepCopy (default dict .Values.containerSecurityContext)) (ternary $ofPod dict $sidecar) }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: {{ $prefix }}config
      mountPath: /etc/mdcloud/config
      readOnly: true
    {{- if .Values.keys }}
    - name: {{ $prefix }}keys
      mountPath: {{ include "mdcloud-exporter.keysDirectory" . }}
      readOnly: true
    {{- end }}
    {{- range $name, $directory := .Values.keyDirectories }}
    - name: {{ $prefix }}keys-{{ $name }}
      mountPath: /etc/mdcloud/key-directories/{{ $name }}
      readOnly: true
    {{- end }}
    {{- if include "mdcloud-exporter.connectionSources" . }}
    - name: {{ $prefix }}connections
      mountPath: /etc/mdcloud/connections
      readOnly: true
    {{- end }}
    {{- if .Values.webConfig.existingSecret }}
    - name: {{ $prefix }}web
      mountPath: /etc/mdcloud/web
      readOnly: true
    {{- end }}
    {{- if .Values.storage.enabled }}
    - name: state
      mountPath: /var/lib/mdcloud
    {{- end }}
    {{- with .Values.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- /* The volumes of that container, as a list. */}}
{{- define "mdcloud-exporter.volumes" -}}
{{- $sidecar := eq .Values.mode "sidecar" }}
{{- $prefix := ternary "mdcloud-" "" $sidecar }}
{{- /* The group that may read is fsGroup, which a pod of others may not have. Only this container mounts them. */}}
{{- $mode := ternary "0444" "0440" $sidecar }}
- name: {{ $prefix }}config
  {{- if or .Values.config.inSecret .Values.config.existingSecret }}
  secret:
    secretName: {{ default (include "mdcloud-exporter.fullname" .) .Values.config.existingSecret }}
    defaultMode: {{ $mode }}
  {{- else }}
  configMap:
    name: {{ default (include "mdcloud-exporter.fullname" .) .Values.config.existingConfigMap }}
  {{- end }}
{{- if .Values.keys }}
- name: {{ $prefix }}keys
  projected:
    defaultMode: {{ $mode }}
    sources:
      {{- range $name, $key := .Values.keys }}
      - secret:
          {{- if $key.existingSecret }}
          name: {{ $key.existingSecret.name }}
          items:
            - key: {{ $key.existingSecret.key | quote }}
              path: {{ $name | quote }}
          {{- else }}
          name: {{ include "mdcloud-exporter.keysSecretName" $ }}
          items:
            - key: {{ $name | quote }}
              path: {{ $name | quote }}
          {{- end }}
      {{- end }}
{{- end }}
{{- range $name, $directory := .Values.keyDirectories }}
- name: {{ $prefix }}keys-{{ $name }}
  secret:
    secretName: {{ $directory.existingSecret }}
    defaultMode: {{ $mode }}
{{- end }}
{{- with include "mdcloud-exporter.connectionSources" . }}
- name: {{ $prefix }}connections
  projected:
    defaultMode: {{ $mode }}
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- with .Values.webConfig.existingSecret }}
- name: {{ $prefix }}web
  secret:
    secretName: {{ . }}
    defaultMode: {{ $mode }}
{{- end }}
{{- with .Values.storage.existingClaim }}
- name: state
  persistentVolumeClaim:
    claimName: {{ . }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* A parent chart includes these two with .Subcharts.ALIAS as their context; mode has to be sidecar. */}}
{{- define "mdcloud-exporter.sidecar" -}}
{{- include "mdcloud-exporter.checkSidecar" . }}
{{- include "mdcloud-exporter.container" . | trim }}
{{- end }}

{{- define "mdcloud-exporter.sidecarVolumes" -}}
{{- include "mdcloud-exporter.checkSidecar" . }}
{{- include "mdcloud-exporter.volumes" . | trim }}
{{- end }}

{{- define "mdcloud-exporter.checkSidecar" -}}
{{- if ne .Values.mode "sidecar" }}
{{- fail (printf "mdcloud-exporter.sidecar is for mode: sidecar. Set %s.mode to it in the values of the parent chart." .Chart.Name) }}
{{- end }}
{{- include "mdcloud-exporter.check" . }}
{{- end }}

{{- /* Prometheus finds the port of a sidecar by this name among the pods of a namespace. */}}
{{- define "mdcloud-exporter.metricsPort" -}}
{{- ternary "mdcloud-metrics" "http" (eq .Values.mode "sidecar") }}
{{- end }}

{{- /* A probe: with webConfig the port http may ask for a password, or a certificate, that the kubelet has not. */}}
{{- define "mdcloud-exporter.probe" -}}
{{- $probe := deepCopy .probe }}
{{- if eq (toString ($probe.httpGet).port) "http" }}
{{- $prefix := ternary "mdcloud-" "" (eq .root.Values.mode "sidecar") }}
{{- $port := ternary (printf "%sprobes" $prefix) (include "mdcloud-exporter.metricsPort" .root) (not (empty .root.Values.webConfig.existingSecret)) }}
{{- $_ := set $probe.httpGet "port" $port }}
{{- end }}
{{- toYaml $probe }}
{{- end }}

{{- /* The template of the chart's own pods. */}}
{{- define "mdcloud-exporter.podTemplate" -}}
metadata:
  labels:
    {{- include "mdcloud-exporter.labelsWith" (dict "root" . "more" .Values.podLabels) | nindent 4 }}
  annotations:
    {{- $checksums := dict
      "checksum/config" (include (print $.Template.BasePath "/config.yaml") . | sha256sum)
      "checksum/keys" (include (print $.Template.BasePath "/secret.yaml") . | sha256sum) }}
    {{- toYaml (merge $checksums (default dict .Values.podAnnotations) (default dict .Values.commonAnnotations)) | nindent 4 }}
spec:
  serviceAccountName: {{ include "mdcloud-exporter.serviceAccountName" . }}
  automountServiceAccountToken: false
  # The variables of Services would mix with the exporter's own, which start with MDCLOUD_EXPORTER_ too.
  enableServiceLinks: false
  {{- with include "mdcloud-exporter.imagePullSecrets" . }}
  imagePullSecrets:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    {{- include "mdcloud-exporter.container" . | trim | nindent 4 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "mdcloud-exporter.volumes" . | trim | nindent 4 }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- $selector := dict "matchLabels" (include "mdcloud-exporter.selectorLabels" $ | fromYaml) }}
    {{- range . }}
    - {{- toYaml (merge (deepCopy .) (ternary dict (dict "labelSelector" $selector) (hasKey . "labelSelector"))) | nindent 6 }}
    {{- end }}
  {{- end }}
{{- end }}
