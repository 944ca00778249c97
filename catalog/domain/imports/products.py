"""Well-known products by the names that runtimes and addresses call them, and what kind of system each is.

A product that is not listed is still a system: it is named after the node or the host, and its kind is `other` until a person says more.
"""

import re
from collections.abc import Iterable
from typing import Final

from catalog.domain.imports.drafts import SystemDraft
from catalog.domain.imports.words import kebab, line, listed, slug_of, words_of

# kind → "slug" or "slug=Title with_underscores"; the title of a bare slug is made of its words.
_CATALOG: Final[dict[str, str]] = {
    "crm": """
        hubspot=HubSpot salesforce pipedrive zoho-crm=Zoho_CRM copper keap affinity agile-crm=AgileCRM freshworks-crm
        monica-crm=Monica_CRM microsoft-dynamics=Microsoft_Dynamics zendesk freshdesk intercom help-scout close attio folk
        service-now=ServiceNow gong salesmate high-level=HighLevel front drift hubspot-crm=HubSpot_CRM
    """,
    "erp": """
        sap netsuite=NetSuite odoo erp-next=ERPNext dolibarr business-central=Business_Central workday billbee=Billbee
        unleashed-software
    """,
    "pim": """
        akeneo salsify pimcore contentserv inriver
    """,
    "dam": """
        cloudinary bynder canto widen frontify
    """,
    "commerce": """
        shopify woocommerce=WooCommerce magento bigcommerce=BigCommerce commercetools saleor prestashop=PrestaShop shopware
        amazon-seller ebay etsy squarespace gumroad salesforce-commerce=Salesforce_Commerce_Cloud onfleet dhl=DHL shipstation
    """,
    "translation": """
        deepl=DeepL phrase lokalise crowdin transifex google-translate=Google_Translate lingo-tek=LingoTek smartling xtm
    """,
    "marketing": """
        mailchimp klaviyo sendgrid=SendGrid brevo mailjet mailgun mandrill mautic marketo iterable customer-io=Customer.io
        active-campaign=ActiveCampaign convert-kit=ConvertKit get-response=GetResponse lemlist google-ads=Google_Ads
        google-analytics=Google_Analytics facebook-lead-ads=Facebook_Lead_Ads facebook=Facebook linkedin=LinkedIn
        x-twitter=X_(Twitter) instagram tiktok=TikTok youtube=YouTube vero postmark drip sendy e-goi=E-goi autopilot clearbit
        dropcontact hunter typeform survey-monkey=SurveyMonkey jotform=JotForm segment klicktipp=KlickTipp buffer tapfiliate
        wordpress=WordPress webflow ghost storyblok contentful strapi medium reddit discourse disqus pinterest calendly
        data-for-seo=DataForSEO lone-scale
    """,
    "finance": """
        stripe paypal=PayPal adyen xero quickbooks=QuickBooks chargebee paddle wise square mollie braintree invoice-ninja
        sevdesk=sevDesk lexoffice datev expensify binance coin-gecko=CoinGecko kraken gemini-exchange=Gemini_(exchange)
    """,
    "data": """
        google-sheets=Google_Sheets airtable baserow nocodb=NocoDB seatable=SeaTable coda notion postgres=PostgreSQL mysql=MySQL
        mariadb=MariaDB microsoft-sql=Microsoft_SQL_Server oracle-database=Oracle_Database db2=IBM_Db2 sqlite=SQLite
        mongodb=MongoDB redis=Redis cratedb=CrateDB questdb=QuestDB timescaledb=TimescaleDB snowflake bigquery=Google_BigQuery
        redshift=Amazon_Redshift databricks influxdb=InfluxDB elasticsearch opensearch=OpenSearch cassandra neo4j=Neo4j
        supabase=Supabase firebase dynamodb=Amazon_DynamoDB cosmos-db=Azure_Cosmos_DB qdrant=Qdrant pinecone weaviate milvus
        chroma zep aws-s3=Amazon_S3 aws-sqs=Amazon_SQS aws-sns=Amazon_SNS aws-lambda=AWS_Lambda aws-kinesis=Amazon_Kinesis
        aws=Amazon_Web_Services google-cloud=Google_Cloud google-cloud-storage=Google_Cloud_Storage
        google-cloud-pub-sub=Google_Cloud_Pub/Sub azure=Microsoft_Azure azure-blob=Azure_Blob_Storage azure-synapse=Azure_Synapse
        azure-event-hubs=Azure_Event_Hubs google-drive=Google_Drive dropbox box microsoft-onedrive=Microsoft_OneDrive
        microsoft-sharepoint=Microsoft_SharePoint microsoft-excel=Microsoft_Excel next-cloud=Nextcloud sftp=SFTP_server
        ftp=FTP_server kafka=Apache_Kafka rabbitmq=RabbitMQ activemq=ActiveMQ amqp=AMQP_broker mqtt=MQTT_broker nats=NATS
        ibm-mq=IBM_MQ solace jms=JMS_broker splunk datadog prometheus grafana hdfs=HDFS hive spark trino presto vertica
        clickhouse=ClickHouse ksqldb=ksqlDB local-files=Local_files data-generator=Generator_of_test_data rest-service dbt=dbt
    """,
    "identity": """
        okta auth0=Auth0 keycloak microsoft-entra=Microsoft_Entra_ID bitwarden venafi ldap=LDAP_directory active-directory
    """,
    "other": """
        slack microsoft-teams=Microsoft_Teams discord telegram whatsapp=WhatsApp twilio vonage mattermost rocketchat=Rocket.Chat
        matrix zulip gmail=Gmail google-mail microsoft-outlook=Microsoft_Outlook email=E-mail_server
        google-calendar=Google_Calendar google-docs=Google_Docs google-tasks=Google_Tasks google-maps=Google_Maps
        google-slides=Google_Slides google-meet=Google_Meet google-contacts=Google_Contacts
        google=Google microsoft-graph=Microsoft_Graph jira linear asana trello monday=monday.com
        clickup=ClickUp todoist github=GitHub gitlab=GitLab bitbucket confluence wikipedia hacker-news=Hacker_News
        pagerduty=PagerDuty sentry zoom n8n=n8n node-red=Node-RED airflow=Apache_Airflow rss-feed=RSS_feed
        home-assistant=Home_Assistant opc-ua=OPC_UA_server modbus=Modbus_device knx=KNX_bus philips-hue=Philips_Hue
        victron=Victron_Energy ngsi=NGSI_context_broker filemaker=FileMaker raspberry-pi=Raspberry_Pi ssh=SSH_server kubernetes
        docker openai=OpenAI anthropic=Anthropic google-gemini=Google_Gemini google-vertex=Google_Vertex_AI mistral=Mistral_AI
        cohere groq=Groq deepseek=DeepSeek open-router=OpenRouter ollama=Ollama hugging-face=Hugging_Face
        azure-openai=Azure_OpenAI aws-bedrock=Amazon_Bedrock x-ai=xAI perplexity replicate stability=Stability_AI
        elevenlabs=ElevenLabs humantic-ai=Humantic_AI lm-studio=LM_Studio fal-ai=fal.ai aws-comprehend=Amazon_Comprehend
        aws-textract=Amazon_Textract aws-rekognition=Amazon_Rekognition aws-transcribe=Amazon_Transcribe
        google-natural-language=Google_Cloud_Natural_Language google-perspective=Google_Perspective watson=IBM_Watson
        jina-ai=Jina_AI cerebras serp-api=SerpApi apify firecrawl bright-data=Bright_Data rapidapi=RapidAPI assemblyai=AssemblyAI
        deepgram heygen=HeyGen
    """,
}
# Other names of the same, as runtimes and connectors have them (letters and digits only).
_NICKNAMES: Final[dict[str, str]] = {
    "x-twitter": "twitter",
    "postgres": "postgresql pgvector postgreschat",
    "youtube": "youtubetrigger",
    "monday": "mondaycom",
    "sentry": "sentryio",
    "google-gemini": "googlepalm palm gemini",
    "google-natural-language": "googlecloudnaturallanguage",
    "mistral": "mistralcloud mistralai",
    "hugging-face": "openhuggingfaceinference huggingfaceinference",
    "x-ai": "xaigrok",
    "magento": "magento2",
    "microsoft-dynamics": "microsoftdynamicscrm dynamicscrm",
    "openai": "lmopenai chatgpt",
    "azure-openai": "azureopenai",
    "google-vertex": "googlevertex vertexai",
    "aws-s3": "awss s3 s3amazon amazons",
    "dynamodb": "awsdynamodb amazondynamodb",
    "aws": "awsses aws",
    "email": "emailsend emailreadimap email smtp imap",
    "redis": "redischat",
    "mongodb": "mongodbchat mongodbatlas mongo",
    "microsoft-sql": "mssql sqlserver",
    "azure-synapse": "azuresqldw sqldw",
    "bigquery": "googlebigquery",
    "google-cloud-storage": "gcs googlecloudstorage",
    "google-cloud-pub-sub": "pubsub googlepubsub",
    "oracle-database": "oracle",
    "microsoft-sharepoint": "sharepoint",
    "microsoft-onedrive": "onedrive",
    "microsoft-outlook": "outlook",
    "microsoft-teams": "teams",
    "google-sheets": "sheets",
    "cosmos-db": "documentdb cosmos",
    "ibm-mq": "ibmmq",
    "local-files": "filestream",
    "azure": "servicebus",
    "anthropic": "claude",
    "erp-next": "erpnext",
    "rss-feed": "rss rssfeedread rssfeed",
    "azure-blob": "wasb adls",
    "customer-io": "customerio",
    "elasticsearch": "elastic",
    "facebook": "facebookgraphapi facebookgraph",
    "aws-sqs": "amazonsqs",
    "aws-sns": "amazonsns",
    "aws-lambda": "amazonlambda",
    "telegram": "telegramclient",
    "slack": "slackwebhook",
    "serp-api": "serpapi",
    "github": "github",
}
_ALIASES: Final = {name: slug for slug, names in _NICKNAMES.items() for name in names.split()}
# Host or the end of one → product. Longest first.
_ADDRESSES: Final[dict[str, str]] = {
    "hubspot": "hubapi.com hubspot.com",
    "openai": "api.openai.com openai.com",
    "anthropic": "anthropic.com claude.ai",
    "google-gemini": "generativelanguage.googleapis.com aistudio.google.com",
    "mistral": "mistral.ai",
    "hugging-face": "huggingface.co hf.space",
    "azure-openai": "openai.azure.com cognitiveservices.azure.com",
    "google-vertex": "aiplatform.googleapis.com",
    "google-sheets": "sheets.googleapis.com docs.google.com/spreadsheets",
    "google-docs": "docs.google.com docs.googleapis.com",
    "google-drive": "drive.google.com googleapis.com/drive googleapis.com/upload/drive",
    "gmail": "gmail.googleapis.com",
    "bigquery": "bigquery.googleapis.com",
    "google-cloud-storage": "storage.googleapis.com",
    "google-maps": "maps.googleapis.com",
    "google-translate": "translation.googleapis.com",
    "google-natural-language": "language.googleapis.com",
    "youtube": "youtube.com youtu.be googleapis.com/youtube googleapis.com/upload/youtube",
    "google-calendar": "googleapis.com/calendar",
    "google-meet": "meet.googleapis.com meet.google.com",
    "google-contacts": "people.googleapis.com",
    "google-ads": "googleads.googleapis.com",
    "google-analytics": "analyticsdata.googleapis.com analyticsreporting.googleapis.com",
    "google": "googleapis.com google.com",
    "microsoft-graph": "graph.microsoft.com",
    "microsoft-entra": "login.microsoftonline.com",
    "facebook": "graph.facebook.com facebook.com",
    "instagram": "instagram.com",
    "github": "github.com githubusercontent.com github.io",
    "gitlab": "gitlab.com",
    "slack": "slack.com",
    "discord": "discord.com discordapp.com",
    "telegram": "telegram.org t.me",
    "x-twitter": "twitter.com x.com twimg.com",
    "shopify": "myshopify.com shopify.com",
    "salesforce": "force.com salesforce.com",
    "salesforce-commerce": "commercecloud.salesforce.com demandware.net",
    "aws-bedrock": "bedrock-runtime.amazonaws.com",
    "aws-s3": "s3.amazonaws.com",
    "aws": "amazonaws.com",
    "azure-blob": "blob.core.windows.net",
    "azure-synapse": "database.windows.net",
    "jira": "atlassian.net",
    "firebase": "firebaseio.com firestore.googleapis.com",
    "supabase": "supabase.co",
    "open-router": "openrouter.ai",
    "deepseek": "deepseek.com",
    "groq": "groq.com",
    "perplexity": "perplexity.ai",
    "cohere": "cohere.ai cohere.com",
    "x-ai": "x.ai",
    "replicate": "replicate.com",
    "stability": "stability.ai",
    "elevenlabs": "elevenlabs.io",
    "jina-ai": "jina.ai",
    "fal-ai": "fal.run fal.ai",
    "cerebras": "cerebras.ai",
    "rapidapi": "rapidapi.com",
    "paypal": "paypal.com paypalobjects.com",
    "adyen": "adyen.com adyenpayments.com",
    "gemini-exchange": "api.gemini.com",
    "phrase": "phrase.com phraseapp.com",
    "deepl": "deepl.com",
}
_HOSTS: Final = {end: slug for slug, ends in _ADDRESSES.items() for end in ends.split()}
# Whose services answer by a model: what is sent to them leaves for one. `ollama` and `lm-studio` may run next door; they are told too.
AI_PROVIDERS: Final = listed(
    """
    openai anthropic google-gemini google-vertex mistral cohere groq deepseek open-router ollama hugging-face azure-openai
    aws-bedrock x-ai perplexity replicate stability elevenlabs humantic-ai lm-studio fal-ai aws-comprehend aws-textract
    aws-rekognition aws-transcribe google-natural-language google-perspective watson jina-ai cerebras assemblyai deepgram
    heygen
    """
)
_WEB_SITES: Final = listed("huggingface.co openai.com anthropic.com claude.ai mistral.ai perplexity.ai")
MESSENGERS: Final = listed(
    """
    slack microsoft-teams discord telegram whatsapp twilio vonage mattermost rocketchat matrix zulip gmail google-mail
    microsoft-outlook email sendgrid mailgun mandrill mailjet postmark brevo pagerduty pushover ntfy line
    """
)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _listed() -> dict[str, SystemDraft]:
    known = {}
    for kind, words in _CATALOG.items():
        for word in words.split():
            slug, _, title = word.partition("=")
            known[_bare(slug)] = SystemDraft(slug, title.replace("_", " ") or slug.replace("-", " ").title(), kind)
    return known


_KNOWN: Final = _listed()
_BY_SLUG: Final = {system.slug: system for system in _KNOWN.values()}
_BY_HOST: Final = sorted(_HOSTS.items(), key=lambda pair: -len(pair[0]))


def product(slug: str) -> SystemDraft:
    """A product of the list by its slug."""
    return _BY_SLUG[slug]


def known(name: str) -> SystemDraft | None:
    """The product that a node type or connector names (`googleSheets`, `MySql`, `Amazon S3`); None for one that is not listed."""
    bare = _bare(name)
    alias = _ALIASES.get(bare)
    if alias is not None and alias in _BY_SLUG:
        return _BY_SLUG[alias]
    return _KNOWN.get(bare)


def named(name: str) -> SystemDraft | None:
    """The same, or a new system of that name; None when the name has no letter to make a slug of."""
    found = known(name)
    slug = kebab(name) or slug_of(name)
    if found is not None or not slug:
        return found
    words = " ".join(words_of(name)) or slug
    return SystemDraft(slug, line(words[:1].upper() + words[1:], 120))


def mentioned(words: Iterable[str]) -> SystemDraft | None:
    """The listed product that consecutive words of a name make up, longest first: `telegram client sender` → Telegram."""
    listed = [word for word in words if word]
    for size in (3, 2, 1):
        for start in range(len(listed) - size + 1):
            joined = "".join(listed[start : start + size])
            found = known(joined) if len(joined) > 2 or joined == "s3" else None
            if found is not None:
                return found
    return None


def answers_by_model(system: SystemDraft, host: str, path: str) -> bool:
    """Whether what is sent to this place reaches a model: reading the provider's web site does not."""
    if system.slug not in AI_PROVIDERS:
        return False
    return host.removeprefix("www.") not in _WEB_SITES or path.lstrip("/").startswith(("api", "v1"))


def of_host(host: str, path: str) -> SystemDraft | None:
    """The listed product behind a host (without port) and path."""
    for end, slug in _BY_HOST:
        suffix, _, below = end.partition("/")
        if (host == suffix or host.endswith("." + suffix)) and (not below or path.lstrip("/").startswith(below)):
            return _BY_SLUG[slug]
    return None
