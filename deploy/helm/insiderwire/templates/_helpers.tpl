{{- define "insiderwire.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "insiderwire.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "insiderwire.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "insiderwire.selector" -}}
app.kubernetes.io/name: {{ include "insiderwire.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "insiderwire.labels" -}}
{{ include "insiderwire.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: insiderwire
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "insiderwire.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end -}}

{{- define "insiderwire.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "insiderwire.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "insiderwire.configMap" -}}
{{- .Values.existingConfigMap | default (printf "%s-config" (include "insiderwire.fullname" .)) -}}
{{- end -}}

{{/* What must be set, said in words before anything is installed. */}}
{{- define "insiderwire.validate" -}}
{{- $sasl := hasPrefix "SASL" .Values.kafka.securityProtocol -}}
{{- if not (contains "@" .Values.secContact) -}}
{{- fail "secContact: the SEC blocks clients that do not say who they are; set \"Your Name you@example.com\"" -}}
{{- end -}}
{{- if not .Values.database.existingSecret.name -}}
{{- fail "database.existingSecret.name: name the Secret whose key holds postgresql://USER:PASSWORD@HOST:PORT/DATABASE" -}}
{{- end -}}
{{- if not .Values.kafka.bootstrap -}}
{{- fail "kafka.bootstrap: set host:9092, or several with commas between" -}}
{{- end -}}
{{- if and $sasl (not (and .Values.kafka.sasl.username .Values.kafka.sasl.existingSecret.name)) -}}
{{- fail (printf "kafka.securityProtocol %s needs kafka.sasl.username and kafka.sasl.existingSecret.name" .Values.kafka.securityProtocol) -}}
{{- end -}}
{{- if ge (int .Values.stopSeconds) (int .Values.terminationGracePeriodSeconds) -}}
{{- fail "stopSeconds must be shorter than terminationGracePeriodSeconds, or a graceful stop is cut off" -}}
{{- end -}}
{{- if and .Values.topics.job.enabled .Values.topics.strimzi.enabled -}}
{{- fail "topics.job and topics.strimzi both make the topics: disable one of them" -}}
{{- end -}}
{{- if and .Values.topics.strimzi.enabled (not .Values.topics.strimzi.cluster) -}}
{{- fail "topics.strimzi.cluster: name the Kafka resource that the topics belong to" -}}
{{- end -}}
{{- range $role, $of := .Values.roles -}}
{{- $hpa := dig "autoscaling" "hpa" "enabled" false $of -}}
{{- $keda := dig "autoscaling" "keda" "enabled" false $of -}}
{{- if and $hpa $keda -}}
{{- fail (printf "roles.%s.autoscaling: hpa and keda would fight; enable one of them" $role) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* How Kafka is reached; all that the topics job needs. */}}
{{- define "insiderwire.kafkaEnv" -}}
- name: INSIDERWIRE_KAFKA
  value: {{ .Values.kafka.bootstrap | quote }}
- name: INSIDERWIRE_KAFKA_SECURITY_PROTOCOL
  value: {{ .Values.kafka.securityProtocol | quote }}
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}
- name: INSIDERWIRE_KAFKA_SASL_MECHANISM
  value: {{ .Values.kafka.sasl.mechanism | quote }}
- name: INSIDERWIRE_KAFKA_SASL_USERNAME
  value: {{ .Values.kafka.sasl.username | quote }}
- name: INSIDERWIRE_KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.kafka.sasl.existingSecret.name }}
      key: {{ .Values.kafka.sasl.existingSecret.key }}
{{- end }}
{{- with .Values.kafka.tls.existingSecret }}
{{- if .name }}
{{- with .ca }}
- name: INSIDERWIRE_KAFKA_SSL_CAFILE
  value: /etc/insiderwire/kafka-tls/{{ . }}
{{- end }}
{{- with .cert }}
- name: INSIDERWIRE_KAFKA_SSL_CERTFILE
  value: /etc/insiderwire/kafka-tls/{{ . }}
{{- end }}
{{- with .key }}
- name: INSIDERWIRE_KAFKA_SSL_KEYFILE
  value: /etc/insiderwire/kafka-tls/{{ . }}
{{- end }}
{{- end }}
{{- end }}
- name: INSIDERWIRE_KAFKA_PREFIX
  value: {{ .Values.kafka.prefix | quote }}
- name: INSIDERWIRE_KAFKA_MAX_BYTES
  value: {{ int64 .Values.kafka.maxBytes | quote }}
- name: INSIDERWIRE_DATABASE
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret.name }}
      key: {{ .Values.database.existingSecret.key }}
- name: INSIDERWIRE_HOME
  value: /var/lib/insiderwire
- name: INSIDERWIRE_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- end -}}

{{- define "insiderwire.mounts" -}}
- name: home
  mountPath: /var/lib/insiderwire
- name: tmp
  mountPath: /tmp
{{- if .Values.kafka.tls.existingSecret.name }}
- name: kafka-tls
  mountPath: /etc/insiderwire/kafka-tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* All state is in PostgreSQL and Kafka: what a pod has on disk may go with it. */}}
{{- define "insiderwire.volumes" -}}
- name: home
  emptyDir:
    sizeLimit: 64Mi
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.kafka.tls.existingSecret.name }}
- name: kafka-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}
