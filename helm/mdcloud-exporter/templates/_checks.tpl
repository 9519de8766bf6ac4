{{- /* Fails with a sentence where the schema cannot say what is wrong and what to do. */}}
{{- define "mdcloud-exporter.check" -}}
{{- include "mdcloud-exporter.checkKeys" . }}
{{- include "mdcloud-exporter.checkConnections" . }}
{{- include "mdcloud-exporter.checkConfig" . }}
{{- include "mdcloud-exporter.checkMode" . }}
{{- if and (gt (int .Values.replicas) 1) (not .Values.allowReplicas) }}
{{- fail (printf "replicas is %d: each replica polls every key and has its own budget of rejected requests. Set replicas: 1, or allowReplicas: true if the vendor may be asked %d times as often." (int .Values.replicas) (int .Values.replicas)) }}
{{- end }}
{{- $shards := int .Values.shards }}
{{- if and (gt $shards 1) (ne (int .Values.replicas) 1) }}
{{- fail (printf "shards is %d and replicas is %d: of each shard there is one pod. Set replicas: 1." $shards (int .Values.replicas)) }}
{{- end }}
{{- if and .Values.storage.enabled (gt (int .Values.replicas) 1) }}
{{- fail "storage is for one pod, or one of each shard: replicas would keep the same keys in different places. Set replicas: 1." }}
{{- end }}
{{- if and .Values.storage.existingClaim (not .Values.storage.enabled) }}
{{- fail "storage.existingClaim has no effect without storage.enabled: true." }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled }}
{{- fail "serviceMonitor and podMonitor are both enabled: every pod would be scraped twice. Enable one of them." }}
{{- end }}
{{- if and .Values.webConfig.existingSecret (eq (int .Values.service.port) 10581) }}
{{- fail "service.port is 10581, which is the Service's port for the probes where there is a webConfig. Choose another." }}
{{- end }}
{{- with .Values.podDisruptionBudget }}
{{- if .enabled }}
{{- $wanted := max (int $.Values.replicas) (int $.Values.shards) }}
{{- if le $wanted 1 }}
{{- fail "podDisruptionBudget is for more than one replica: with one it either does nothing or keeps nodes from being drained. Set podDisruptionBudget.enabled: false." }}
{{- end }}
{{- $minimum := toString .minAvailable | replace "<nil>" "" }}
{{- $maximum := toString .maxUnavailable | replace "<nil>" "" }}
{{- if eq (empty $minimum) (empty $maximum) }}
{{- fail "podDisruptionBudget needs either minAvailable or maxUnavailable: set one of them." }}
{{- end }}
{{- /* Kubernetes rounds shares up. */}}
{{- $pods := trimSuffix "%" (default $minimum $maximum) | int }}
{{- if contains "%" (default $minimum $maximum) }}{{ $pods = div (add (mul $pods $wanted) 99) 100 }}{{ end }}
{{- if le (ternary (sub $wanted $pods) $pods (empty $maximum)) 0 }}
{{- fail (printf "podDisruptionBudget keeps nodes from being drained: of %v replicas none may be away. Set maxUnavailable: 1." $wanted) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mdcloud-exporter.checkKeys" -}}
{{- if not (or .Values.keys .Values.keyDirectories (include "mdcloud-exporter.existingConfig" .)) }}
{{- fail "There are no keys: set keys.NAME.existingSecret.name and keys.NAME.existingSecret.key to an entry of a Secret that holds a MetaDefender Cloud apikey, keyDirectories.NAME.existingSecret to a Secret whose entries are all apikeys, or keys.NAME.value to the apikey itself." }}
{{- end }}
{{- range $name, $key := .Values.keys }}
{{- if not (regexMatch "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$" $name) }}
{{- fail (printf "keys: %q cannot be the name of a key, which is also that of a file: use 1 to 128 letters, digits, _, - and . and do not start with a dot." $name) }}
{{- end }}
{{- if and $key.value $key.existingSecret }}
{{- fail (printf "keys.%s has both existingSecret and value: the apikey comes from one of them. Remove the other." $name) }}
{{- end }}
{{- if not (or $key.value $key.existingSecret) }}
{{- fail (printf "keys.%s has neither existingSecret nor value: set existingSecret.name and existingSecret.key to the entry of a Secret that holds the apikey." $name) }}
{{- end }}
{{- end }}
{{- range $name, $directory := .Values.keyDirectories }}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$" $name) }}
{{- fail (printf "keyDirectories: %q cannot be the name of a volume: use 1 to 40 small letters, digits and - and neither start nor end with a -." $name) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Two ways to say the same, one of which would win silently. */}}
{{- define "mdcloud-exporter.checkConnections" -}}
{{- range $place := include "mdcloud-exporter.connectionPlaces" . | fromYamlArray }}
{{- $given := $place.given }}
{{- $options := default $place.path $place.options }}
{{- if and ($given.caBundle).configMap ($given.caBundle).secret }}
{{- fail (printf "%s has both configMap and secret: remove one of them." (printf "%s.caBundle" $place.path | trimPrefix ".")) }}
{{- end }}
{{- if and ($given.proxy).existingSecret (not ($given.proxy).url) }}
{{- fail (printf "%s has existingSecret without url: set the url of the proxy that wants the password." (printf "%s.proxy" $place.path | trimPrefix ".")) }}
{{- end }}
{{- range $pair := list
  (list "proxy" "proxy_url" (and ($given.proxy).url $given.proxy_url))
  (list "proxy" "proxy_credentials_file" (and ($given.proxy).existingSecret $given.proxy_credentials_file))
  (list "caBundle" "tls_config.ca_file" (and $given.caBundle ($given.tls_config).ca_file))
  (list "clientCertificate" "tls_config.cert_file" (and ($given.clientCertificate).existingSecret ($given.tls_config).cert_file)) }}
{{- if last $pair }}
{{- fail (printf "%s and %s.%s say the same: remove one of them." (printf "%s.%s" $place.path (first $pair) | trimPrefix ".") $options (index $pair 1)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A configuration that is not of the chart's making does not follow the values. */}}
{{- define "mdcloud-exporter.checkConfig" -}}
{{- if and .Values.config.existingConfigMap .Values.config.existingSecret }}
{{- fail "config has both existingConfigMap and existingSecret: the configuration comes from one of them. Remove the other." }}
{{- end }}
{{- if include "mdcloud-exporter.existingConfig" . }}
{{- $without := list }}
{{- range $name := list "global" "log_level" "inSecret" }}
{{- if get $.Values.config $name }}{{ $without = append $without (printf "config.%s" $name) }}{{ end }}
{{- end }}
{{- range $name := list "proxy" "caBundle" "keyDirectories" }}
{{- if get $.Values $name }}{{ $without = append $without $name }}{{ end }}
{{- end }}
{{- if .Values.clientCertificate.existingSecret }}{{ $without = append $without "clientCertificate" }}{{ end }}
{{- range $name, $key := .Values.keys }}
{{- range $option, $value := omit $key "existingSecret" "value" }}
{{- $without = append $without (printf "keys.%s.%s" $name $option) }}
{{- end }}
{{- end }}
{{- if $without }}
{{- fail (printf "The configuration is an existing one, so %s would have no effect: write it into that configuration and remove it from the values." (join ", " $without)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mdcloud-exporter.checkMode" -}}
{{- if eq .Values.mode "sidecar" }}
{{- range $name := list "serviceMonitor" "networkPolicy" "podDisruptionBudget" }}
{{- if (get $.Values $name).enabled }}
{{- fail (printf "mode is sidecar, where the pods are those of the parent chart: %s would find none. Set %s.enabled: false%s." $name $name (ternary " and podMonitor.enabled: true" "" (eq $name "serviceMonitor"))) }}
{{- end }}
{{- end }}
{{- if include "mdcloud-exporter.stateful" . }}
{{- fail "mode is sidecar, where the pods are those of the parent chart: shards and storage are for the chart's own pods. Set shards: 1 and storage.enabled: false." }}
{{- end }}
{{- else if .Values.podMonitor.selector }}
{{- fail "podMonitor.selector is for mode: sidecar; here the PodMonitor selects the chart's own pods. Remove it." }}
{{- end }}
{{- end }}
