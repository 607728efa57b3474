"""`python spider.py CONNECTIONS URLS [OUTPUT]`: Scrapy on a list of URLs; with OUTPUT, trafilatura's text of each."""

import sys
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess

CONNECTIONS, URLS = int(sys.argv[1]), Path(sys.argv[2])
OUTPUT = Path(sys.argv[3]) if len(sys.argv) > 3 else None


class Pages(scrapy.Spider):
    name = "pages"
    custom_settings = {
        "CONCURRENT_REQUESTS": CONNECTIONS,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }
    pages = 0

    async def start(self):
        for url in URLS.read_text().split():
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response):
        Pages.pages += 1
        if OUTPUT:
            from trafilatura import extract

            text = extract(response.body, url=response.url)
            if text:
                (OUTPUT / f"{Pages.pages}.txt").write_text(text)


process = CrawlerProcess()
process.crawl(Pages)
process.start()
print(f"{Pages.pages} pages")
