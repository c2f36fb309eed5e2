// Downloads from the Hugging Face hub, read in this order:
//
//   HubAccess       the hub's address and the user's token
//   HTTPClient      one request, one answer (libcurl)
//   HubSession      redirects, waiting, and what the hub's statuses mean
//   HubRepository   what the hub says is in a repository
//   HubDownload     one file: resumed, checked, then given its name
//   ModelFetch      a model's folder, whole or not at all
//   DataFetch       the data files of the experiments
//
// Only `ais` links this: experiments read the cache and never use the network.
